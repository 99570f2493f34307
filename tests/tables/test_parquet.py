import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from treernn.errors import InputError
from treernn.tables.parquet import (
    check_text_column,
    open_parquet,
    read_batches,
    schema_of,
    text_bytes,
)


@pytest.mark.parametrize("type", ["string", "large_string", "dictionary"])
def test_batches_keep_the_types(tmp_path, type):
    types = {
        "string": pa.string(),
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
        "large_string": pa.large_string(),
    }
    texts = pa.array(["good", None, "", *["fine"] * 7]).cast(types[type])
    table = pa.table({"n": pa.array(range(10), pa.int16()), "text": texts})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=4)
    with open_parquet(tmp_path / "a.parquet") as file:
        check_text_column(file.schema_arrow, "text", "a.parquet")
        batches = list(read_batches(file, "a.parquet", schema_of(file, "a.parquet"), 3))
    assert all(len(batch) <= 3 for batch in batches)
    assert pa.Table.from_batches(batches).equals(table)
    texts_read = [text for batch in batches for text in text_bytes(batch.column("text"))]
    assert texts_read == [b"good", None, b"", *[b"fine"] * 7]


def test_texts_that_are_not_utf8(tmp_path):
    broken = pa.array([b"good", b"b\xffd", b"fine"]).view(pa.string())
    pq.write_table(pa.table({"text": broken}), tmp_path / "a.parquet")
    with open_parquet(tmp_path / "a.parquet") as file:
        [batch] = read_batches(file, "a.parquet", schema_of(file, "a.parquet"), 9)
        assert text_bytes(batch.column("text")) == [b"good", b"b\xffd", b"fine"]


def test_a_column_without_texts():
    schema = pa.schema({"n": pa.int64(), "body": pa.string(), "none": pa.null()})
    check_text_column(schema, "none", "a.parquet")
    problem = r"^a.parquet: column n holds int64, expected text; columns with text are body$"
    with pytest.raises(InputError, match=problem):
        check_text_column(schema, "n", "a.parquet")


def test_a_file_that_is_not_parquet(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no")
    with (
        pytest.raises(InputError, match=r"a.parquet: not a Parquet file \("),
        open_parquet(tmp_path / "a.parquet"),
    ):
        pass
    with (
        pytest.raises(InputError, match=r"b.parquet: cannot be read \(No such file or directory\)"),
        open_parquet(tmp_path / "b.parquet"),
    ):
        pass

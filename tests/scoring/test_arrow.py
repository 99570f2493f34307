import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

from treernn.scoring import arrow
from treernn.scoring.rows import Chunk, Row

NOTHING = {name: [None] for name in arrow.FOUND}


def part(path, *rows):
    found = {name: [None] * len(rows) for name in arrow.FOUND}
    pq.write_table(arrow.table(Chunk([Row("", values=row) for row in rows]), found, "x_"), path)
    return path


def test_columns_get_one_type_over_all_parts(tmp_path):
    parts = [
        part(tmp_path / "1", {"a": 1, "b": 1, "c": None, "d": "x"}, {"a": 2, "b": 2}),
        part(tmp_path / "2", {"a": 3, "b": 0.5, "c": [1, 2], "d": 5, "e": "new"}),
        part(tmp_path / "3", {"d": {"k": [1]}, "c": None}, {"d": "y\ud800", "f": None}),
        part(tmp_path / "4", {"a": 4}),
    ]
    arrow.join(parts, ("d", "a"), "x_", tmp_path / "out")
    table = pq.read_table(tmp_path / "out")
    assert table.column_names == ["d", "a", "b", "c", "e", "f", *(f"x_{n}" for n in arrow.FOUND)]
    assert table["a"].to_pylist() == [1, 2, 3, None, None, 4]
    assert table["b"].to_pylist() == [1.0, 2.0, 0.5, None, None, None]
    assert table["c"].to_pylist() == [None, None, [1, 2], None, None, None]
    assert table["d"].to_pylist() == ["x", None, "5", '{"k": [1]}', "y?", None]
    assert table["e"].to_pylist() == [None, None, "new", None, None, None]
    assert table.schema.field("f").type == pa.string()
    assert [table.schema.field(f"x_{n}").type for n in arrow.FOUND] == list(arrow.FOUND.values())


def test_types_that_differ_within_a_part_become_texts(tmp_path):
    parts = [part(tmp_path / "1", {"a": 1}, {"a": "x"}, {"a": 2**70}, {"a": True}, {"a": None})]
    arrow.join(parts, ("a",), "x_", tmp_path / "out")
    found = pq.read_table(tmp_path / "out")["a"].to_pylist()
    assert found == ["1", "x", str(2**70), "true", None]


def test_no_parts_make_an_empty_table(tmp_path):
    arrow.join([], ("id", "text"), "", tmp_path / "out")
    table = pq.read_table(tmp_path / "out")
    assert (len(table), table.column_names) == (0, ["id", "text", *arrow.FOUND])


def test_many_parts_make_row_groups_of_some_size(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow, "_ROW_GROUP", 10)
    parts = [part(tmp_path / str(n), *({"n": 3 * n + i} for i in range(3))) for n in range(9)]
    arrow.join(parts, ("n",), "x_", tmp_path / "out")
    with pq.ParquetFile(tmp_path / "out") as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        assert file.read()["n"].to_pylist() == list(range(27))
    assert max(sizes) <= 10
    assert len(sizes) < 9


def test_arrow_columns_keep_their_types():
    batch = pa.record_batch({"n": pa.array([1], pa.int8()), "day": [datetime.date(2020, 1, 2)]})
    table = arrow.table(Chunk([Row("")], arrow=batch), NOTHING, "")
    assert table.select(["n", "day"]) == pa.table(batch)


def test_plain_values_of_arrow_columns():
    batch = pa.record_batch(
        {
            "when": pa.array([1], pa.timestamp("ns")),
            "price": pa.array([decimal.Decimal("1.50")]),
            "kind": pa.array(["a"]).dictionary_encode(),
            "list": pa.array([[1, 2]]),
            "broken": pa.array([b"a\xff"]).view(pa.string()),
            "long": pa.array([5], pa.duration("s")),
            "raw": pa.array([b"\x00"]),
        }
    )
    assert arrow.plain(batch) == [
        {
            "when": "1970-01-01 00:00:00.000000001",
            "price": "1.50",
            "kind": "a",
            "list": [1, 2],
            "broken": "a\ufffd",
            "long": "5",
            "raw": b"\x00",
        }
    ]

import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

from treernn.tables import arrow

LAST = {"x_label": pa.string(), "x_sentiment": pa.int8()}


def part(path, *rows):
    added = {name: pa.nulls(len(rows), type) for name, type in LAST.items()}
    path.write_bytes(arrow.to_parquet(arrow.columns_of(rows) | added))
    return path


def test_columns_get_one_type_over_all_parts(tmp_path):
    parts = [
        part(tmp_path / "1", {"a": 1, "b": 1, "c": None, "d": "x"}, {"a": 2, "b": 2}),
        part(tmp_path / "2", {"a": 3, "b": 0.5, "c": [1, 2], "d": 5, "e": "new"}),
        part(tmp_path / "3", {"d": {"k": [1]}, "c": None}, {"d": "y\ud800", "f": None}),
        part(tmp_path / "4", {"a": 4}),
    ]
    arrow.join_parquet(parts, ("d", "a"), LAST, tmp_path / "out")
    table = pq.read_table(tmp_path / "out")
    assert table.column_names == ["d", "a", "b", "c", "e", "f", *LAST]
    assert table["a"].to_pylist() == [1, 2, 3, None, None, 4]
    assert table["b"].to_pylist() == [1.0, 2.0, 0.5, None, None, None]
    assert table["c"].to_pylist() == [None, None, [1, 2], None, None, None]
    assert table["d"].to_pylist() == ["x", None, "5", '{"k": [1]}', "y?", None]
    assert table["e"].to_pylist() == [None, None, "new", None, None, None]
    assert table.schema.field("f").type == pa.string()
    assert [table.schema.field(name).type for name in LAST] == list(LAST.values())


def test_types_that_differ_within_a_part_become_strings(tmp_path):
    parts = [part(tmp_path / "1", {"a": 1}, {"a": "x"}, {"a": 2**70}, {"a": True}, {"a": None})]
    arrow.join_parquet(parts, ("a",), LAST, tmp_path / "out")
    values = pq.read_table(tmp_path / "out")["a"].to_pylist()
    assert values == ["1", "x", str(2**70), "true", None]


def test_no_parts_make_an_empty_table(tmp_path):
    arrow.join_parquet([], ("id", "text"), LAST, tmp_path / "out")
    table = pq.read_table(tmp_path / "out")
    assert (len(table), table.column_names) == (0, ["id", "text", *LAST])


def test_small_parts_are_joined_to_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow, "_ROW_GROUP", 10)
    parts = [part(tmp_path / str(n), *({"n": 3 * n + i} for i in range(3))) for n in range(9)]
    arrow.join_parquet(parts, ("n",), LAST, tmp_path / "out")
    with pq.ParquetFile(tmp_path / "out") as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        assert file.read()["n"].to_pylist() == list(range(27))
    assert max(sizes) <= 10
    assert len(sizes) < 9


def test_plain_values_of_arrow_columns():
    batch = pa.record_batch(
        {
            "when": pa.array([1], pa.timestamp("ns")),
            "price": pa.array([decimal.Decimal("1.50")]),
            "day": pa.array([datetime.date(2020, 1, 2)]),
            "kind": pa.array(["a"]).dictionary_encode(),
            "list": pa.array([[1, 2]]),
            "broken": pa.array([b"a\xff"]).view(pa.string()),
            "long": pa.array([5], pa.duration("s")),
            "raw": pa.array([b"\x00"]),
        }
    )
    assert arrow.to_python(batch) == [
        {
            "when": "1970-01-01 00:00:00.000000001",
            "price": "1.50",
            "day": "2020-01-02",
            "kind": "a",
            "list": [1, 2],
            "broken": "a\ufffd",
            "long": "5",
            "raw": b"\x00",
        }
    ]

import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.scoring.rows import (
    Chunk,
    Row,
    gather,
    open_rows,
    score_chunk,
    text_rows,
    texts_of,
)


def read(path, content, column="text", **options):
    """The rows of a file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_rows(path, column, **options) as table:
        return [row for chunk in table.chunks(3, 1000) for row in chunk.rows]


def summary(rows):
    return [(row.place, row.error or row.text) for row in rows]


@given(st.lists(st.text(max_size=9), max_size=30), st.integers(1, 6), st.integers(1, 40))
def test_chunks_have_all_rows_in_order_and_obey_their_limits(texts, max_rows, max_characters):
    rows = [Row(f"line {number}", text) for number, text in enumerate(texts)]
    remaining = iter(rows)
    fraction = lambda: 1 - remaining.__length_hint__() / len(rows)  # noqa: E731
    chunks = list(gather(remaining, max_rows, max_characters, fraction))
    assert [row for chunk in chunks for row in chunk.rows] == rows
    assert all(1 <= len(chunk.rows) <= max_rows for chunk in chunks)
    for chunk in chunks:
        assert sum(len(row.text) for row in chunk.rows[:-1]) < max_characters
        assert chunk.fraction == pytest.approx((rows.index(chunk.rows[-1]) + 1) / len(rows))
    for chunk in chunks[:-1]:
        full = len(chunk.rows) == max_rows
        assert full or sum(len(row.text) for row in chunk.rows) >= max_characters


def test_rows_with_errors_keep_their_places(scorer):
    rows = [
        Row("line 1", "good"),
        Row("line 2", error="no field text"),
        Row("line 3", "<p></p>"),
        Row("line 4", "bad"),
    ]
    scored = score_chunk(scorer.score_many, Chunk(rows))
    assert [result and result.label for result in scored.results] == [
        "positive",
        None,
        None,
        "negative",
    ]
    assert scored.errors == [
        None,
        "line 2: no field text",
        "line 3: only white space or markup, nothing to score",
        None,
    ]


def test_rows_of_csv(tmp_path):
    content = 'text,id\nabcde,1\nabcdef,2\n"",3\n4\n"f\ng",5\n'
    rows = read(tmp_path / "a.csv", content, max_characters=5)
    assert summary(rows) == [
        ("line 2", "abcde"),
        ("line 3", "text has 6 characters, the limit is 5 (change it with --max-chars)"),
        ("line 4", "text is empty"),
        ("line 5", "1 fields, expected 2"),
        ("lines 6 to 7", "f\ng"),
    ]
    assert [row.values["id"] for row in rows] == ["1", "2", "3", None, "5"]
    assert {row.text for row in rows if row.error} == {""}
    assert (
        list(texts_of([tmp_path / "a.csv", tmp_path / "a.csv"])) == ["abcde", "abcdef", "f\ng"] * 2
    )


def test_a_long_text_in_csv(tmp_path):
    text = "x" * 1_200_000
    content = f'text\n"{text}"\n'
    [row] = read(tmp_path / "a.csv", content, max_characters=1_300_000)
    assert row.text == text


def test_rows_of_json_lines(tmp_path):
    lines = b"""
        {"text": "good", "id": 1}
        [1]
        {"text": null}
        {"id": 2}
        {"text": 5}
        {"text": ""}
        {"text": "a", "label": 3}
    """
    rows = read(tmp_path / "a.jsonl", lines)
    assert summary(rows) == [
        ("line 2", "good"),
        ("line 3", "a JSON list, expected an object"),
        ("line 4", "text is null"),
        ("line 5", "no field text"),
        ("line 6", "text is 5, expected a text"),
        ("line 7", "text is empty"),
        ("line 8", "a"),
    ]
    with pytest.raises(InputError, match="no column body, its columns are text, id, label "):
        read(tmp_path / "a.jsonl", lines, column="body")
    with pytest.raises(InputError, match="already has a column label"):
        read(tmp_path / "a.jsonl", lines, reserved=("label",))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"id,body\n", r"a.csv: no column text, its columns are id, body \(choose with --column"),
        (b"t\xffxt\n", "a.csv: no column text, its columns are t\ufffdxt "),
        (b"text,label\n", "a.csv: already has a column label, .* --prefix"),
    ],
)
def test_wrong_columns(tmp_path, content, problem):
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.csv", content, reserved=("label",))


def test_reserved_fields_of_a_stream_are_an_error_of_their_row(monkeypatch, tmp_path):
    path = tmp_path / "in"
    path.write_text('{"text": "good", "label": 1}\n{"body": "x"}\n{"text": "bad"}\n')
    with path.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with open_rows("-", format="jsonl", reserved=("label",)) as table:
            assert table.columns is None
            rows = list(table.rows)
    assert summary(rows) == [
        ("line 1", "has a field label of its own, see --prefix"),
        ("line 2", "no field text"),
        ("line 3", "bad"),
    ]
    assert rows[0].values == {"text": "good"}


def test_rows_of_texts():
    assert summary(text_rows(["good", "", "x" * 9], max_characters=8)) == [
        ("text 1", "good"),
        ("text 2", "text is empty"),
        ("text 3", "text has 9 characters, the limit is 8 (change it with --max-chars)"),
    ]


def test_rows_of_parquet(tmp_path):
    texts = ["good", None, "", "bad", "x" * 99, *["fine"] * 5]
    table = pa.table({"n": pa.array(range(10), pa.int16()), "text": texts})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=4)
    with open_rows(path, max_characters=98) as rows:
        assert rows.columns == ("n", "text")
        chunks = list(rows.chunks(3, 50))
    assert summary(row for chunk in chunks for row in chunk.rows)[:5] == [
        ("row 1", "good"),
        ("row 2", "text is null"),
        ("row 3", "text is empty"),
        ("row 4", "bad"),
        ("row 5", "text has 99 characters, the limit is 98 (change it with --max-chars)"),
    ]
    assert pa.Table.from_batches([chunk.arrow for chunk in chunks]).equals(table)
    assert all(len(chunk.rows) == len(chunk.arrow) <= 3 for chunk in chunks)
    assert chunks[-1].fraction == 1
    with pytest.raises(InputError, match="no column body, its columns are n, text "):
        read(path, path.read_bytes(), column="body")
    with pytest.raises(InputError, match=r"column n holds int16, .* with text are text$"):
        read(path, path.read_bytes(), column="n")


def test_parquet_texts_that_are_not_utf8(tmp_path):
    broken = pa.array([b"good", b"b\xffd", b"fine"]).view(pa.string())
    pq.write_table(pa.table({"text": broken}), tmp_path / "a.parquet")
    with open_rows(tmp_path / "a.parquet") as table:
        assert summary(row for row in table.rows) == [
            ("row 1", "good"),
            ("row 2", "text is not UTF-8"),
            ("row 3", "fine"),
        ]


def test_columns_by_another_case(tmp_path):
    for name, content in (
        ("a.csv", "id, Text \n1,good\n"),
        ("a.jsonl", '{"id": 1, "TEXT": "good"}\n'),
        ("a.json", '[{"id": 1, "TEXT": "good"}]'),
    ):
        assert [row.text for row in read(tmp_path / name, content)] == ["good"]
    pq.write_table(pa.table({"Text": ["good"]}), tmp_path / "a.parquet")
    with open_rows(tmp_path / "a.parquet") as table:
        assert (table.column, [row.text for row in table.rows]) == ("Text", ["good"])
    for content in ("Text,TEXT\na,b\n", "Texts\na\n"):
        with pytest.raises(InputError, match="no column text, its columns are Text"):
            read(tmp_path / "a.csv", content)
    [row] = read(tmp_path / "a.csv", "Text,text\na,b\n")
    assert row.text == "b"


def test_texts_of_tables_in_another_encoding(tmp_path):
    (tmp_path / "a.csv").write_bytes("id^text\n1^née\n".encode("cp1252"))
    assert [*texts_of([tmp_path / "a.csv"], "text", "cp1252", "^")] == ["née"]

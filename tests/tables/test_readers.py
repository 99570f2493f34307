import csv
import gzip
import io
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import DataError, InputError
from treernn.tables import readers
from treernn.tables.readers import InputFormat, format_of, open_table, texts_table


def read(path, content, column="text", **options):
    """The rows of a file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_table(path, column, **options) as table:
        return [row for chunk in table.chunks(3, 1000) for row in chunk.rows]


def found(rows):
    return [(row.place, row.error or row.text) for row in rows]


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.csv", "csv"),
        ("A.TSV", "tsv"),
        ("a.jsonl.gz", "jsonl"),
        ("a.txt.zst", "text"),
        ("a.parquet", "parquet"),
        ("a.parquet.gz", None),
        ("csv", None),
        ("It was good.", None),
        ("a.gz", None),
    ],
)
def test_the_ending_tells_the_format(name, format):
    assert format_of(name) == format


# CSV


def test_csv_passes_all_columns_as_they_stand(tmp_path):
    content = '\ufeffid,text,n\r\n01,"A ""fine"",\r\nlong one",1.50\r\n\r\n2,née,\n'
    first, second = read(tmp_path / "a.csv", content)
    assert first == ("lines 2 to 3", 'A "fine",\r\nlong one', dict(first.values), None)
    assert first.values == {"id": "01", "text": 'A "fine",\r\nlong one', "n": "1.50"}
    assert second.place == "line 5"
    assert second.values == {"id": "2", "text": "née", "n": ""}


@pytest.mark.parametrize(
    "slip",
    [
        b'2,"open,x',
        b'2,"open" and on,x',
        b'2,"good "quoted" film",x',
        b'2,"never \x00 closed\xff',
    ],
)
def test_a_slip_of_quotation_marks_costs_its_own_line(tmp_path, slip):
    after = b'3,"fine, ""really""",y\n4,"two\nlines",y\n' + b"5,more,y\n" * 5
    rows = read(tmp_path / "a.csv", b"id,text,n\n1,good,x\n" + slip + b"\n" + after)
    assert rows[1].error.startswith("not CSV, do its quotation marks match? (")
    assert [row.place for row in rows[:5]] == [
        "line 2",
        "line 3",
        "line 4",
        "lines 5 to 6",
        "line 7",
    ]
    assert [row.text for row in rows] == ["good", "", 'fine, "really"', "two\nlines", *["more"] * 5]


def test_an_open_quotation_mark_does_not_swallow_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "LONGEST_FIELD", 5_000)
    limit = csv.field_size_limit(5_000)
    try:
        rows = read(
            tmp_path / "a.csv",
            b'id,text\n1,"open\n' + b"2,fine\n" * 3_000,
            most_characters=4_000,
        )
    finally:
        csv.field_size_limit(limit)
    assert [row.text for row in rows] == ["", *["fine"] * 3_000]
    assert "field larger than field limit" in rows[0].error


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "a.csv: empty, expected a line of column names"),
        (b'id,"text\n1,x\n', "a.csv: line 1: not CSV, do its quotation marks match?"),
        (b"id,text,id\n", "a.csv: two columns are called 'id', rename one"),
        (b"id,body\n", r"a.csv: no column text, its columns are id, body \(choose with --column"),
        (b"t\xffxt\n", "a.csv: no column text, its columns are t\ufffdxt "),
        (b"text,label\n", "a.csv: has a column label of its own, .* --prefix"),
    ],
)
def test_a_header_that_will_not_do(tmp_path, content, problem):
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.csv", content, reserved=("label",))


# The values that CSV and JSON can hold, and those that trip up readers of them.
ODD = st.text(st.sampled_from("a\"',;\t\n\r\\ é😀\u2028\x00\x85\ufeff{}[]"), min_size=1, max_size=8)
TEXTS = ODD | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), tab=st.booleans())
def test_any_text_survives_csv(tmp_path_factory, rows, tab):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="\t" if tab else ",", quoting=csv.QUOTE_ALL)
    writer.writerows([("text", "other"), *rows])
    path = tmp_path_factory.getbasetemp() / ("odd.tsv" if tab else "odd.csv")
    read_back = read(path, file.getvalue())
    assert [tuple(row.values.values()) for row in read_back] == rows
    assert [row.text for row in read_back] == [text for text, _ in rows]


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), ascii=st.booleans())
def test_any_text_survives_json_lines(tmp_path_factory, rows, ascii):
    objects = [{"text": text, other: [other]} for text, other in rows]
    content = "".join(json.dumps(each, ensure_ascii=ascii) + "\n" for each in objects)
    read_back = read(tmp_path_factory.getbasetemp() / "odd.jsonl", content, column="text")
    assert [row.values for row in read_back] == objects


# JSON lines


def test_json_lines(tmp_path):
    lines = [
        b'{"text": "good", "id": 1}',
        b"",
        b'{"text": ',
        b"[1]",
        b'{"text": null}',
        b'{"id": 2}',
        b'{"text": 5}',
        b'{"text": "a", "x": NaN}',
        b'{"text": "a", "x": 1e999}',
        b'{"text": "\xff"}',
        b'{"text": "x", "deep": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"text": "x", "flat": [' + b'"[[", [], ' * 200 + b"1]}",
        b'{"text": ""}',
        b'{"text": "a", "label": 3}',
        b'{"text": "last"}',
    ]
    rows = read(tmp_path / "a.jsonl", b"\n".join(lines), reserved=())
    assert found(rows) == [
        ("line 1", "good"),
        ("line 3", "not JSON, column 9: Expecting value"),
        ("line 4", "a JSON list, expected an object"),
        ("line 5", "text is null"),
        ("line 6", "no field text"),
        ("line 7", "text is 5, expected a text"),
        ("line 8", "not JSON that can be read: the number NaN"),
        ("line 9", "not JSON that can be read: the number 1e999"),
        ("line 10", "not UTF-8"),
        ("line 11", "nested more than 100 deep"),
        ("line 12", "x"),
        ("line 13", "text is empty"),
        ("line 14", "a"),
        ("line 15", "last"),
    ]
    with pytest.raises(InputError, match="no column body, its columns are text, id, flat, label "):
        read(tmp_path / "a.jsonl", b"\n".join(lines), column="body")
    with pytest.raises(InputError, match="has a column label of its own"):
        read(tmp_path / "a.jsonl", b"\n".join(lines), reserved=("label",))


def test_fields_of_a_stream_are_known_row_by_row(monkeypatch, tmp_path):
    path = tmp_path / "in"
    path.write_text('{"text": "good", "label": 1}\n{"body": "x"}\n{"text": "bad"}\n')
    with path.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with open_table("-", format=InputFormat.jsonl, reserved=("label",)) as table:
            assert table.columns is None
            rows = [row for row, _ in table.rows]
    assert found(rows) == [
        ("line 1", "has a field label of its own, see --prefix"),
        ("line 2", "no field text"),
        ("line 3", "bad"),
    ]
    assert rows[0].values == {"text": "good"}


# Plain text, and what all have in common


def test_plain_text_is_a_text_a_line(tmp_path):
    rows = read(tmp_path / "a.txt", b"\xef\xbb\xbfgood\xc2\x85film\r\n \n\xff\nba\xe2\x80\xa8d")
    assert found(rows) == [
        ("line 1", "good\x85film"),
        ("line 3", "not UTF-8"),
        ("line 4", "ba\u2028d"),
    ]


def test_what_is_too_long_is_said_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "LONGEST_LINE", 100)
    content = f"text,id\nabcde,1\nabcdef,2\n{'x' * 350},3\n{'a,' * 80},4\nend,5"
    rows = read(tmp_path / "a.csv", content, most_characters=5)
    assert found(rows) == [
        ("line 2", "abcde"),
        ("line 3", "text has 6 characters, the limit is 5 (change it with --max-chars)"),
        ("line 4", "longer than 100 characters"),
        ("line 5", "longer than 100 characters"),
        ("line 6", "end"),
    ]
    for name in ("a.txt", "a.jsonl"):
        text = '{"text": "good"}\n'
        rows = read(tmp_path / name, f"{text}{'x' * 350}\n{text}")
        assert [row.error for row in rows] == [None, "longer than 100 characters", None]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt", "a.tsv"])
def test_compressed_files(tmp_path, name, ending):
    content = {
        "a.csv": b"text\ngood\nbad\n",
        "a.tsv": b"id\ttext\n1\tgood\n2\tbad\n",
        "a.jsonl": b'{"text": "good"}\n{"text": "bad"}\n',
        "a.txt": b"good\nbad\n",
    }[name]
    if ending == ".gz":  # of two members, as `cat a.gz b.gz` makes them
        packed = gzip.compress(content[:7]) + gzip.compress(content[7:])
    else:
        packed = pa.compress(content, "zstd", asbytes=True)
    rows = read(tmp_path / (name + ending), packed)
    assert [row.text for row in rows] == ["good", "bad"]


def test_a_damaged_file_is_read_up_to_the_damage(tmp_path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"".join(b"film %d\n" % i for i in range(90_000)))[:-5_000])
    rows = []

    def read_all():
        with open_table(path) as table:
            for row, share in table.rows:
                assert 0 < share <= 1
                rows.append(row.text)

    with pytest.raises(DataError, match=r"a.txt.gz: cannot be read on after line \d+ \("):
        read_all()
    assert rows == [f"film {i}" for i in range(len(rows))]
    assert len(rows) > 10_000


@pytest.mark.parametrize("name", ["none.csv", "none.txt.gz", "none.parquet", "none.jsonl.zst"])
def test_a_file_that_is_not_there(tmp_path, name):
    problem = rf"{name}: cannot be read \(No such file or directory\)$"
    with pytest.raises(InputError, match=problem), open_table(tmp_path / name):
        pass


def test_an_ending_that_tells_no_format(tmp_path):
    problem = "a.xls: its ending tells no format; formats are csv, tsv, jsonl, text, parquet, and "
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.xls", b"")
    assert found(read(tmp_path / "a.xls", b"good", format=InputFormat.text)) == [("line 1", "good")]


def test_texts_are_a_table_too():
    table = texts_table(["good", "", "x" * 9], most_characters=8)
    assert found(row for row, _ in table.rows) == [
        ("text 1", "good"),
        ("text 2", "text is empty"),
        ("text 3", "text has 9 characters, the limit is 8 (change it with --max-chars)"),
    ]


# Parquet


def parquet(path, columns, **options):
    pq.write_table(pa.table(columns), path, **options)
    return path


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_parquet_keeps_its_types(tmp_path, kind):
    texts = pa.array(["good", None, "", "bad", "x" * 99, *["fine"] * 5])
    kinds = {
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
        "large_string": pa.large_string(),
    }
    columns = {
        "n": pa.array(range(10), pa.int16()),
        "text": texts.cast(kinds.get(kind, pa.string())),
    }
    path = parquet(tmp_path / "a.parquet", columns, row_group_size=4)
    with open_table(path, most_characters=98) as table:
        assert table.columns == ("n", "text")
        chunks = list(table.chunks(3, 50))
    assert found(row for chunk in chunks for row in chunk.rows)[:5] == [
        ("row 1", "good"),
        ("row 2", "text is null"),
        ("row 3", "text is empty"),
        ("row 4", "bad"),
        ("row 5", "text has 99 characters, the limit is 98 (change it with --max-chars)"),
    ]
    assert pa.Table.from_batches([chunk.arrow for chunk in chunks]).equals(pa.table(columns))
    assert all(len(chunk.rows) == len(chunk.arrow) <= 3 for chunk in chunks)
    assert chunks[-1].share == 1


def test_parquet_with_what_is_not_utf8(tmp_path):
    broken = pa.array([b"good", b"b\xffd", b"fine"]).view(pa.string())
    path = parquet(tmp_path / "a.parquet", {"text": broken})
    with open_table(path) as table:
        assert found(row for row, _ in table.rows) == [
            ("row 1", "good"),
            ("row 2", "text is not UTF-8"),
            ("row 3", "fine"),
        ]


def test_parquet_that_will_not_do(tmp_path):
    path = parquet(tmp_path / "a.parquet", {"n": [1], "body": ["good"]})
    with pytest.raises(InputError, match="no column text, its columns are n, body "):
        read(path, path.read_bytes())
    with pytest.raises(InputError, match=r"column n holds int64, .* with text are body$"):
        read(path, path.read_bytes(), column="n")
    with pytest.raises(InputError, match=r"a.parquet: not a Parquet file \("):
        read(path, b"PAR1 no")
    problem = "cannot be read from standard input"
    with pytest.raises(InputError, match=problem), open_table("-", format=InputFormat.parquet):
        pass

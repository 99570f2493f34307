import gzip
import sys

import pyarrow as pa
import pytest

from treernn.errors import DataError, InputError
from treernn.tables import lines
from treernn.tables.open import check_format, format_of, open_table


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
def test_the_ending_shows_the_format(name, format):
    assert format_of(name) == format


def test_columns(tmp_path):
    for name, content, columns in (
        ("a.csv", "id,text\n", ("id", "text")),
        ("a.tsv", "id\ttext\n", ("id", "text")),
        ("a.jsonl", '{"text": "a"}\n[\n{"id": 1, "text": "b"}\n', ("text", "id")),
        ("a.txt", "good\n", ("text",)),
    ):
        (tmp_path / name).write_text(content)
        with open_table(tmp_path / name) as table:
            assert (table.name, table.columns) == (str(tmp_path / name), columns)


def test_fields_of_a_stream_are_unknown(monkeypatch, tmp_path):
    path = tmp_path / "in"
    path.write_text('{"text": "good", "label": 1}\n{"body": "x"}\n')
    with path.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with open_table("-", format="jsonl") as table:
            assert (table.name, table.columns) == ("standard input", None)
            values = [record.values for record in table.records]
    assert values == [{"text": "good", "label": 1}, {"body": "x"}]


def test_plain_text_is_a_record_a_line(tmp_path, read):
    records = read(tmp_path / "a.txt", b"\xef\xbb\xbfgood\xc2\x85film\r\n \n\xff\nba\xe2\x80\xa8d")
    assert [(record.place, record.values["text"], record.error) for record in records] == [
        ("line 1", "good\x85film", None),
        ("line 3", "\ufffd", "not UTF-8, try --encoding cp1252"),
        ("line 4", "ba\u2028d", None),
    ]


@pytest.mark.parametrize(
    ("name", "head", "good"),
    [
        ("a.csv", "text,id\n", "end,5\n"),
        ("a.jsonl", "", '{"text": "good"}\n'),
        ("a.txt", "", "good\n"),
    ],
)
def test_a_line_that_is_too_long(tmp_path, read, monkeypatch, name, head, good):
    monkeypatch.setattr(lines, "MAX_LINE", 100)
    content = f"{head}{good}{'x' * 350}\n{'a,' * 80}\n{good}"
    records = read(tmp_path / name, content)
    error = "longer than 100 characters"
    assert [record.error for record in records] == [None, error, error, None]
    first = 1 + bool(head)
    assert [record.line for record in records] == list(range(first, first + 4))


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt", "a.tsv"])
def test_compressed_files(tmp_path, read, name, ending):
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
    records = read(tmp_path / (name + ending), packed)
    assert [record.values["text"] for record in records] == ["good", "bad"]


def test_a_damaged_file_is_read_up_to_the_damage(tmp_path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"".join(b"film %d\n" % i for i in range(90_000)))[:-5_000])
    texts = []

    def read_all():
        with open_table(path) as table:
            for record in table.records:
                assert 0 < table.fraction() <= 1
                texts.append(record.values["text"])

    with pytest.raises(DataError, match=r"a.txt.gz: cannot be read on after line \d+ \("):
        read_all()
    assert texts == [f"film {i}" for i in range(len(texts))]
    assert len(texts) > 10_000


@pytest.mark.parametrize("name", ["none.csv", "none.txt.gz", "none.jsonl.zst"])
def test_a_file_that_does_not_exist(tmp_path, name):
    problem = rf"{name}: cannot be read \(No such file or directory\)$"
    with pytest.raises(InputError, match=problem), open_table(tmp_path / name):
        pass


def test_an_unknown_ending(tmp_path, read):
    problem = (
        "a.doc: unknown file format; formats are csv, tsv, jsonl, json, text, parquet, excel, "
    )
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.doc", b"")
    [record] = read(tmp_path / "a.doc", b"good", format="text")
    assert (record.place, record.values) == ("line 1", {"text": "good"})


def test_formats_of_standard_input():
    with pytest.raises(InputError, match=r"^standard input: needs --input-format; formats are "):
        check_format("-")
    with pytest.raises(InputError, match=r"^Parquet cannot be read from standard input"):
        check_format("-", "parquet")

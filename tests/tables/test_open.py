import bz2
import gzip
import lzma
import os
import sys
import threading

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


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compression_is_recognised_by_content(tmp_path, read, pack):
    content = pack(("text\n" + "good\n" * 100_000).encode("utf-16"))
    for name in ("a.csv", "a.csv.gz", "a.csv.xz"):
        assert len(read(tmp_path / name, content)) == 100_000
    assert len(read(tmp_path / "a.csv.gz", b"text\ngood\n")) == 1


@pytest.mark.parametrize(
    "start", [b"\x1f\x8b", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"]
)
def test_files_that_only_look_compressed(tmp_path, read, start):
    with pytest.raises(DataError, match=r"a\.csv: cannot be read "):
        read(tmp_path / "a.csv", start + b"garbage" * 100)


def test_files_of_other_names(tmp_path):
    assert format_of("a.ndjson") == "jsonl"
    assert format_of("a.json.gz") == "json"
    assert format_of("a.xlsx.gz") is None
    with pytest.raises(InputError, match=r"is a folder, expected a file$"):
        check_format(tmp_path)
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(InputError, match=r"b\.csv: is a folder, expected a file$"):
        read_folder(tmp_path / "b.csv")


def read_folder(path):
    with open_table(path):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes")
@pytest.mark.parametrize("format", ["csv", "jsonl", "json"])
def test_a_pipe_is_read_once(tmp_path, format):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = {"csv": "id;text\n1;good\n", "jsonl": '{"text":"good"}\n', "json": '["good"]'}[format]
    writer = threading.Thread(target=path.write_text, args=(content,))
    writer.start()
    with open_table(path, format) as table:
        assert [record.values["text"] for record in table.records] == ["good"]
    writer.join()

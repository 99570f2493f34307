"""Tables as people have them: in, out, and what is refused before any work."""

import csv
import gzip
import io
import json
import lzma
import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

TABLE = "id,Text\n7,A good café\n8,bad\n"


@pytest.fixture
def score(in_process, small_model, tmp_path, monkeypatch):
    """Exit status, standard output and standard error of the command."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        return in_process("score", "--model", small_model, *arguments)

    return run


def rows_of(text):
    return [*csv.DictReader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (TABLE.encode("utf-16"), ()),
        (TABLE.encode("utf-16-le"), ()),
        (TABLE.replace(",", ";").encode("utf-8-sig"), ()),
        (TABLE.replace(",", "\t").encode(), ()),
        (TABLE.replace("\n", "\r").encode(), ()),
        (TABLE.encode("cp1252"), ("--encoding", "cp1252")),
        (TABLE.replace(",", "^").encode(), ("--delimiter", "^")),
        (gzip.compress(TABLE.encode(), mtime=0), ()),
    ],
)
def test_csv_as_programs_save_it(score, tmp_path, content, options):
    (tmp_path / "in.csv").write_bytes(content)
    status, out, err = score("in.csv", "--format", "csv", *options)
    assert (status, err) == (0, "")
    assert [(row["id"], row["Text"]) for row in rows_of(out)] == [
        ("7", "A good café"),
        ("8", "bad"),
    ]


def test_bytes_in_another_encoding_are_said_once(score, tmp_path):
    (tmp_path / "in.csv").write_bytes(b"text\ncaf\xe9\nfine\nna\xefve\n")
    status, out, err = score("in.csv", "--format", "csv")
    assert status == 1
    assert err == (
        "treernn: line 2: text is not UTF-8, try --encoding cp1252\n"
        "treernn: 2 of 3 could not be scored, see error\n"
    )
    assert [row["error"] for row in rows_of(out)][1] == ""


def test_json_arrays(score, tmp_path):
    (tmp_path / "in.json").write_text('[\n {"text": "good", "n": NaN},\n {"text": "bad"}\n]')
    assert score("in.json", "-o", "out.json") == (0, "", "")
    rows = json.loads((tmp_path / "out.json").read_text())
    assert [(row["text"], row.get("n")) for row in rows] == [("good", None), ("bad", None)]
    assert score("out.json", "--prefix", 'again "', "-o", "more.json") == (0, "", "")
    assert json.loads((tmp_path / "more.json").read_text())[1]['again "sentences']
    (tmp_path / "in.json").write_text('["good", "bad"]')
    assert len(json.loads(score("in.json", "--format", "json")[1])) == 2


def test_texts_in_a_file_are_kept(score, tmp_path):
    for name in ("x.csv", "x.tsv", "x.parquet", "x.json", "x.jsonl"):
        assert score("Good, really", "bad", "-o", name) == (0, "", "")
    assert [row["text"] for row in rows_of((tmp_path / "x.csv").read_text())] == [
        "Good, really",
        "bad",
    ]
    assert pq.read_table(tmp_path / "x.parquet")["text"].to_pylist() == ["Good, really", "bad"]
    assert [row["text"] for row in json.loads((tmp_path / "x.json").read_text())][1] == "bad"


def test_excel_in_and_out(score):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["id", "Text"], [7, "A good film"], [8, None], [9, "=not good"]):
        book.active.append(row)
    book.active["B4"].data_type = "s"
    book.save("in.xlsx")
    status, _, err = score("in.xlsx", "-o", "out.xlsx")
    assert (status, err) == (1, "treernn: 1 of 3 could not be scored, see error\n")
    sheet = openpyxl.load_workbook("out.xlsx").active
    header, first, empty, last = sheet.iter_rows(values_only=True)
    assert header[:4] == ("id", "Text", "label", "sentiment")
    assert first[:2] == ("7", "A good film")
    assert isinstance(first[3], int)
    assert sum(first[4:9]) == pytest.approx(1, abs=1e-5)
    assert (empty[2], empty[9]) == (None, "row 3: Text is empty")
    assert last[1] == "=not good"
    assert sheet["B4"].data_type == "s"


@pytest.mark.parametrize(("ending", "unpack"), [("gz", gzip.decompress), ("xz", lzma.decompress)])
def test_compressed_output(score, tmp_path, ending, unpack):
    (tmp_path / "in.csv").write_text(TABLE)
    for name in ("csv", "jsonl", "json", "ptb"):
        packed = f"out.{name}.{ending}"
        assert score("in.csv", "-o", f"out.{name}") == (0, "", "")
        assert score("in.csv", "-o", packed) == (0, "", "")
        assert unpack((tmp_path / packed).read_bytes()) == (tmp_path / f"out.{name}").read_bytes()
    assert score(f"out.csv.{ending}", "--prefix", "t_", "--format", "root")[0] == 0


@pytest.mark.parametrize("name", ["in.csv", "./in.csv", "link.csv", "hard.csv", "folder/../in.csv"])
def test_the_input_is_never_overwritten(error, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "in.csv").write_text(TABLE)
    (tmp_path / "link.csv").symlink_to("in.csv")
    os.link(tmp_path / "in.csv", tmp_path / "hard.csv")
    assert error("in.csv", "-o", name).endswith(
        "is the input, which would be overwritten; write another file"
    )
    assert (tmp_path / "in.csv").read_text() == TABLE


def test_the_input_on_standard_input_is_not_overwritten(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(TABLE)
    for name in ("-", "/dev/stdin"):
        command = (
            f'"{sys.executable}" -m treernn score {name} --input-format csv -o in.csv < in.csv'
        )
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr == (
            "treernn: in.csv: is the input, which would be overwritten; write another file\n"
        )
    assert path.read_text() == TABLE


def test_folders(error, score, tmp_path):
    (tmp_path / "reviews").mkdir()
    problem = "a folder, whose files are scored into another folder: add -o FOLDER"
    for name in ("reviews", "reviews/", str(tmp_path), "."):
        assert error(name).startswith(f"{name}: {problem}")
    assert error("--file", "reviews").startswith(f"reviews: {problem}")
    assert error("good", "-o", "reviews") == "reviews: cannot be written, it is a folder"
    assert score("the reviews", "reviews")[0] == 0  # words in texts


def test_levels(score, tmp_path):
    (tmp_path / "in.csv").write_text('id,text\n7,"Good film. Bad, bad music."\n8,\n')
    status, out, _ = score("in.csv", "--level", "sentence", "--explain", "--format", "csv")
    rows = rows_of(out)
    assert status == 1
    assert [[row[name] for name in ("id", "row", "sentence", "start", "end")] for row in rows] == [
        ["7", "1", "1", "0", "10"],
        ["7", "1", "2", "11", "26"],
        ["8", "2", "", "", ""],
    ]
    assert rows[2]["error"] == "line 3: text is empty"
    status, out, _ = score("Good film.", "--level", "phrase")  # a table, without more options
    assert "Good film" in [row["text"] for row in rows_of(out)] or "film." in out
    out = score("Good film.", "--no-phrases")[1]
    assert "tree" not in json.loads(out)["sentences"][0]


def test_what_does_not_go_together(error, tmp_path):
    (tmp_path / "in.csv").write_text(TABLE)
    assert error("in.csv", "--level", "phrase", "--format", "root") == (
        "--level needs a format with columns, not --format root"
    )
    assert error("in.csv", "--no-phrases", "--format", "csv").startswith("--no-phrases is for json")
    assert error("in.csv", "--format", "excel") == (
        "excel cannot be printed, write it to a file with -o"
    )
    assert error("in.csv", "-o", "x.parquet.gz") == (
        "x.parquet.gz: parquet cannot be compressed, leave out .gz"
    )
    assert error("in.csv", "--encoding", "none").startswith("no encoding is called 'none'")
    assert error("good", "--delimiter", ";").startswith("--delimiter is for files")

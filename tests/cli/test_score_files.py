import csv
import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from processes import paused_after, wait_for

from treernn.scoring.entries import probability_columns


@pytest.fixture
def score(in_process, small_model):
    """Exit status, standard output and standard error of the command."""

    def run(*arguments):
        return in_process("score", "--model", small_model, *arguments)

    return run


BAD_ROWS = {
    b"1,not \xff UTF-8,x": "line 3: text is not UTF-8, try --encoding cp1252",
    b"2,,x": "line 5: text is empty",
    b"3,short": "line 7: 2 fields, expected 3",
    b"4,long,x,y": "line 9: 4 fields, expected 3",
    b'5,"open,x': "line 11: not CSV, do its quotation marks match? (',' expected after '\"')",
    b'6,"open" and on,x': "line 13: not CSV, do its quotation marks match? "
    "(',' expected after '\"')",
    b"7," + b"long " * 50 + b",x": "line 15: text has 250 characters, the limit is 200 "
    "(change it with --max-chars)",
    b"8,   ,x": "line 17: only white space or markup, nothing to score",
    b"9,<p>&nbsp;</p>,x": "line 19: only white space or markup, nothing to score",
    b"10,?!...,x": "line 21: no word in it, nothing to score",
    b"11,good,\xe9": "line 23: other is not UTF-8, try --encoding cp1252",
}


def test_rows_with_errors_keep_their_places(treernn, small_model, tmp_path):
    file, out = tmp_path / "reviews.csv", tmp_path / "scored.csv"
    good = b'0,"a ""good"", film",x'
    rows = [row for bad in BAD_ROWS for row in (good, bad)]
    file.write_bytes(b"\n".join([b"id,text,other", *rows, good]) + b"\n")
    process = treernn(
        "score", str(file), "-o", str(out), "--max-chars", "200", "--model", small_model
    )
    assert (process.returncode, process.stdout) == (1, b"")
    assert process.stderr == (
        b"treernn: line 3: text is not UTF-8, try --encoding cp1252\n"
        b"treernn: 11 of 23 could not be scored, see error\n"
    )
    with out.open(encoding="utf-8", newline="") as file_scored:
        scored = list(csv.DictReader(file_scored))
    assert [row["error"] for row in scored[1::2]] == list(BAD_ROWS.values())
    for row in scored[1::2]:
        assert {row[name] for name in ("label", "sentiment", *probability_columns(5))} == {""}
    for row in scored[::2]:
        assert (row["id"], row["text"], row["error"]) == ("0", 'a "good", film', "")
        assert float(row["p_neutral"]) > 0
    assert [row["id"] for row in scored[1::2]] == [*"1234", "", "", *"789", "10", "11"]
    assert set(os.listdir(tmp_path)) == {"reviews.csv", "scored.csv"}


def test_parquet_to_parquet(score, tmp_path):
    file, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = pa.table(
        {"n": pa.array(range(900), pa.int16()), "body": ["a good film", None, "!"] * 300}
    )
    pq.write_table(table, file)
    out.write_text("an older file")
    result = score(file, "--column", "body", "-o", out, "--prefix", "t_")
    assert result == (1, "", "treernn: 600 of 900 could not be scored, see t_error\n")
    scored = pq.read_table(out)
    assert scored.select(["n", "body"]) == table
    assert scored["t_error"].to_pylist()[:3] == [
        None,
        "row 2: body is null",
        "row 3: no word in it, nothing to score",
    ]
    assert len(set(scored["t_label"].to_pylist()[::3])) == 1
    assert sum(scored["t_probabilities"][897].as_py()) == pytest.approx(1, abs=1e-5)


def test_a_text_file_to_standard_output(score, tmp_path):
    """As CoreNLP prints it: an empty line if there is nothing to score."""
    file = tmp_path / "reviews.txt.gz"
    with pa.output_stream(file, compression="gzip") as stream:
        stream.write("\ufeffa good film\r\n\n...\nnot bad".encode())
    status, out, err = score(file, "--format", "root")
    assert (status, err) == (1, "treernn: line 3: no word in it, nothing to score\n")
    first, second, third = out.splitlines()
    assert first.startswith("  ")
    assert (second, third[:2]) == ("", "  ")
    _, out, _ = score("--file", file, "--format", "vectors")
    tree, *lines = out.splitlines()[:6]
    assert tree.count("(") == len(lines) == 5
    assert {len(line.split()) for line in lines} == {1 + 6}


def test_json_of_a_file_is_an_array(score, tmp_path):
    file = tmp_path / "in.tsv"
    file.write_text("text\tid\n" + "a good film\t1\n" * 100)
    rows = json.loads(score("-f", file, "--format", "json")[1])
    assert len(rows) == 100
    assert rows[99]["sentences"][0]["tree"]["text"] == "a good film"


def test_a_stream_is_scored_line_by_line(small_model):
    """Each line is written after the result of the one before, so that none waits for more."""
    options = ["--model", small_model, "--input-format", "jsonl"]
    with subprocess.Popen(
        [sys.executable, "-m", "treernn", "score", "-", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        for number in range(5):
            line = {"id": number, "text": "née, a good film"} if number != 3 else {"label": 1}
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
            result = json.loads(process.stdout.readline())
            if number == 3:
                assert result["error"] == "line 4: has a field label of its own, see --prefix"
            else:
                assert (result["id"], result["error"]) == (number, None)
                assert result["label"]
        out, err = process.communicate(b"half a line", timeout=60)
        assert json.loads(out)["error"].startswith("line 6: not JSON")
        assert err == b"treernn: 2 of 6 could not be scored, see error\n"
        assert process.returncode == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL to send")
def test_a_killed_job_is_resumed(treernn, score, small_model, tmp_path):
    file, out, complete = tmp_path / "in.csv", tmp_path / "out.jsonl", tmp_path / "complete.jsonl"
    file.write_text("id,text\n" + "".join(f"{i},a good film {i}\n" for i in range(1_600)))
    arguments = ["score", "--model", str(small_model), str(file), "-o", str(out)]
    with paused_after("part-*", *arguments) as process:
        parts = tmp_path / "out.jsonl.parts"
        wait_for(lambda: list(parts.glob("part-*")), process)
        process.kill()
    assert not out.exists()
    _, _, err = score(file, "-o", out)
    assert "out.jsonl.parts: an unfinished job; continue it with --resume, or" in err
    _, _, err = score(file, "-o", out, "--resume", "--max-chars", 5)
    assert "started with another max_chars (100000, now 5)" in err
    process = treernn(*arguments, "--resume")
    assert (process.returncode, process.stdout, process.stderr) == (0, b"", b"")
    assert score(file, "-o", complete) == (0, "", "")
    assert out.read_bytes() == complete.read_bytes()
    lines = out.read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [str(i) for i in range(1_600)]
    assert set(os.listdir(tmp_path)) == {"in.csv", "out.jsonl", "complete.jsonl"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_progress_is_shown_on_terminals_only(score, small_model, tmp_path):
    import pty

    file = tmp_path / "in.txt"
    file.write_text("a good film\n" * 600)
    assert score(file, "-o", tmp_path / "out.csv") == (0, "", "")
    terminal, other = pty.openpty()
    arguments = ["score", "--model", str(small_model), str(file), "-o", str(tmp_path / "o.csv")]
    with subprocess.Popen(
        [sys.executable, "-m", "treernn", *arguments],
        stderr=other,
        env={**os.environ, "OMP_NUM_THREADS": "1", "TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        os.close(other)
        shown = b""
        try:
            while output := os.read(terminal, 4096):
                shown += output
        except OSError:  # the other side is closed
            pass
        os.close(terminal)
        assert process.wait(60) == 0
    assert b"600 rows" in shown
    assert b"/s" in shown
    assert b"100%" in shown


def test_errors(error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "in.csv"
    file.write_text("id,body,label\n1,good,3\n")
    (tmp_path / "notes.md").write_text("good\n")
    assert error("none.csv") == "none.csv: cannot be read (No such file or directory)"
    assert error(file) == (
        f"{file}: no column text, its columns are id, body, label (choose with --column)"
    )
    assert error(file, "--column", "body", "-o", "x.json") == (
        f"{file}: already has a column label, rename the added columns with --prefix"
    )
    assert error("notes.md").startswith("notes.md: unknown file format; formats are csv, ")
    assert error("-f", "notes.md").startswith("notes.md: unknown file format; ")
    assert error(file, "-o", "x.xls").startswith(
        "x.xls: unknown file format; endings are .json .jsonl .csv .tsv .xlsx .parquet .html .ptb "
    )
    assert error(file, "in.csv") == (
        f"{file}: one of many files, which are scored into another folder: add -o FOLDER"
    )
    assert error("good", "-f", file) == "pass texts or --file, not both"
    assert error("good", "--column", "x") == "--column is for files, and there is no file good"
    assert error("good", "--input-format", "csv").startswith("--input-format is for files")
    assert error(file, "--format", "parquet") == (
        "parquet cannot be printed, write it to a file with -o"
    )
    assert error(file, "--format", "tree", "-o", "x").startswith("trees can only be printed")
    for arguments in (
        [file, "--resume"],
        ["-", "--input-format", "csv", "-o", "x.csv", "--resume"],
    ):
        assert error(*arguments) == ("--resume needs an input file and -o")
    assert set(os.listdir(tmp_path)) == {"in.csv", "notes.md"}


def test_arrow_is_imported_on_first_use():
    script = (
        "import sys; from treernn.cli import score\n"
        "from treernn.scoring import corenlp, formats, job, stream\n"
        "from treernn.tables import csv, jsonl, open\n"
        "print({'pyarrow', 'rich', 'nltk'} & set(sys.modules))"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("set()\n", "")


def test_three_classes_and_stars_of_the_file(score, tmp_path):
    """The stars of reviews are not overwritten by ours, which are left out with a note."""
    file, out = tmp_path / "films.csv", tmp_path / "scored.csv"
    file.write_text("text,stars\na good film,5\nbad,1\n")
    code, _, err = score(file, "-o", out, "--classes", "3")
    assert (code, err) == (
        0,
        f"treernn: {file}: has stars already, so none is added; --prefix keeps both\n",
    )
    header, *rows = csv.reader(out.read_text().splitlines())
    shares = ["p_negative", "p_neutral", "p_positive"]
    assert header == ["text", "stars", "label", "sentiment", *shares, "error", "note", "score"]
    assert [row[1] for row in rows] == ["5", "1"]
    assert {row[2] for row in rows} <= {"negative", "neutral", "positive"}
    code, _, err = score(file, "-o", out, "--classes", "2", "--prefix", "our_")
    assert (code, err) == (0, "")
    [first, _] = csv.DictReader(out.read_text().splitlines())
    assert (first["stars"], len(first)) == ("5", 2 + 8)
    assert float(first["our_stars"]) == pytest.approx(3 + 2 * float(first["our_score"]), abs=2e-6)


def test_classes_of_texts(score):
    code, out, _ = score("--classes", "3", "--json", "--no-phrases", "a good film", "bad")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [len(row["probabilities"]) for row in rows] == [3, 3]
    assert {"label", "sentiment", "probabilities", "score", "stars"} <= rows[0].keys()
    code, out, _ = score("--classes", "2", "a good film")
    assert code == 0
    assert "very" not in out
    assert "neutral" not in out
    code, _, err = score("--classes", "4", "a good film")
    assert code == 2
    assert "'--classes'" in err

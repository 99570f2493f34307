"""What ``-o`` may be: files, links, devices, pipes; in this process."""

import gzip
import io
import json
import os
import threading

import pyarrow.parquet as pq
import pytest

TEXTS = [f"A film of {number} hours, not bad." for number in range(20)]


@pytest.fixture
def score(in_process, small_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_text("".join(f"{text}\n" for text in TEXTS))

    def run(*arguments):
        return in_process("score", "in.txt", "--model", small_model, *arguments)

    return run


@pytest.fixture
def pipe():
    """An open pipe by its name, and a function that returns what was written to it."""
    ends, found = os.pipe(), []

    def read():
        with open(ends[0], "rb") as file:
            found.append(file.read())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()

    def content():
        os.close(ends[1])
        thread.join(30)
        return found[0]

    return f"/dev/fd/{ends[1]}", content


READERS = {
    "csv": lambda data: len(data.splitlines()) - 1,
    "jsonl": lambda data: len([json.loads(line) for line in data.splitlines()]),
    "json": lambda data: len(json.loads(data)),
    "root": lambda data: len(data.splitlines()),
    "parquet": lambda data: pq.read_table(io.BytesIO(data)).num_rows,
}


@pytest.mark.parametrize("format", READERS)
def test_a_pipe_receives_what_a_file_would(score, pipe, format):
    path, content = pipe
    assert score("-o", "file", "--format", format) == (0, "", "")
    assert score("-o", path, "--format", format) == (0, "", "")
    found = content()
    assert READERS[format](found) == len(TEXTS)
    if format != "parquet":
        with open("file", "rb") as file:
            assert found == file.read()
    assert sorted(os.listdir()) == ["file", "in.txt"]


def test_a_named_pipe_is_compressed_by_its_ending(score):
    os.mkfifo("out.csv.gz")
    found = []

    def read():
        with open("out.csv.gz", "rb") as file:
            found.append(file.read())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert score("-o", "out.csv.gz") == (0, "", "")
    thread.join(30)
    assert len(gzip.decompress(found[0]).splitlines()) == len(TEXTS) + 1
    assert sorted(os.listdir()) == ["in.txt", "out.csv.gz"]


def test_a_pipe_whose_reader_has_gone_is_one_line(score):
    ends = os.pipe()
    os.close(ends[0])
    path = f"/dev/fd/{ends[1]}"
    problem = f"treernn: {path}: cannot be written (Broken pipe)\n"
    assert score("-o", path, "--format", "csv") == (2, "", problem)
    assert score("-o", path, "--format", "parquet") == (2, "", problem)
    os.close(ends[1])


def test_standard_output_by_its_name_is_the_one_that_is_there(score):
    status, out, err = score("-o", "/dev/fd/1", "--format", "csv")
    assert (status, err, len(out.splitlines())) == (0, "", len(TEXTS) + 1)


def test_a_stream_cannot_be_resumed(score, pipe):
    problem = f"treernn: {pipe[0]}: not a file that could be resumed, leave out --resume\n"
    assert score("-o", pipe[0], "--format", "csv", "--resume") == (2, "", problem)
    pipe[1]()


def test_a_link_is_followed(score, tmp_path):
    (tmp_path / "out.csv").symlink_to("target.csv")
    assert score("-o", "out.csv") == (0, "", "")
    assert len((tmp_path / "target.csv").read_text().splitlines()) == len(TEXTS) + 1
    assert sorted(os.listdir()) == ["in.txt", "out.csv", "target.csv"]
    assert (tmp_path / "out.csv").is_symlink()


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "in.txt/out.csv", "loop.csv"])
def test_names_that_cannot_be_written_are_one_line_at_once(score, name):
    os.symlink("loop.csv", "loop.csv")
    status, out, err = score("-o", name)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"treernn: {name}: cannot be written (")
    assert sorted(os.listdir()) == ["in.txt", "loop.csv"]


def test_trees_are_read_once_from_a_pipe(in_process):
    """``treernn parse --from`` looks at a file before it knows how to read it."""
    ends = os.pipe()
    os.write(ends[1], b"(3 (2 a) (3 good))\n" * 20)
    os.close(ends[1])
    status, out, err = in_process("parse", "--from", f"/dev/fd/{ends[0]}")
    os.close(ends[0])
    assert (status, out.count("\n"), err) == (0, 20, "")

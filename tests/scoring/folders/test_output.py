"""Output folders: whose they are, and what is finished in them."""

import contextlib
import json
import os
import time
from pathlib import Path

import pytest

from treernn.errors import InputError
from treernn.files import temporary_path
from treernn.scoring.folders.output import Done, open_output

RECORD = {"model": "a", "detail": {"classes": 5}, "columns": None}
SOURCE = {"input size": 5, "input sha256": "0123"}
NAMES = ["a.csv", "2024/b.csv"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def opened(folder="out", record=RECORD, names=NAMES, **options):
    return open_output(folder, "parquet", record, names, **options)


def write(output, name, content="result", fragment=None):
    path = output.path(name, fragment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def problem(*arguments, **options):
    with pytest.raises(InputError) as caught:
        opened(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize("fragment", [None, 0, 7])
@pytest.mark.parametrize("name", [*NAMES, "é.csv", "x" * 240 + ".csv"])
def test_what_is_done(name, fragment):
    output = opened()
    assert output.done(name, SOURCE, fragment) is None
    try:
        write(output, name, fragment=fragment)
    except OSError:  # the name of the result is too long; that of its record never is
        return
    assert output.done(name, SOURCE, fragment) is None  # killed before it was noted
    output.note_done(name, SOURCE, Done(7, 2), fragment)
    for again in (output, opened(resume=True)):
        assert again.done(name, SOURCE, fragment) == Done(7, 2)
        assert again.done(name, {**SOURCE, "input sha256": "4567"}, fragment) is None
        assert again.done("another.csv", SOURCE, fragment) is None
        assert again.done(name, SOURCE, 1) is None
    write(output, name, "changed by somebody", fragment)
    assert output.done(name, SOURCE, fragment) is None
    output.path(name, fragment).unlink()
    assert output.done(name, SOURCE, fragment) is None


def test_what_killed_processes_left_is_removed():
    """Of these inputs, results and fragments; others may be written now."""
    output = opened()
    names = ["a.csv", "x" * 240 + ".csv"]
    left, others = set(), {Path("out/2024/.b.csv.parquet.0123abcd.part")}
    for name in names:
        paths = [output.path(name), output.path(name, 3) if len(name) < 99 else output.path(name)]
        paths += [output._record(name, None), output._record("a.csv", 3)]
        left |= {temporary_path(path) for path in paths}
    for path in left | others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    opened(names=names, resume=True)
    assert not [path for path in left if path.exists()]
    assert all(path.exists() for path in others)


def test_where_it_lies():
    output = opened()
    assert output.path("2024/b.csv") == Path("out/2024/b.csv.parquet")
    assert output.path("2024/b.csv", 3) == Path("out/2024/b.csv.parquet/part-000003.parquet")
    assert output.parts("2024/b.csv") == Path("out/_treernn/parts/2024/b.csv")
    write(output, "2024/b.csv")
    output.note_done("2024/b.csv", SOURCE, Done(1, 0))
    assert json.loads(Path("out/_treernn/done/2024/b.csv.parquet.json").read_text()) == {
        "input": SOURCE, "size": 6, "rows": 1, "failed": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b'{"input": 1}', b"[" * 9999]
)
def test_a_damaged_record_of_a_result_is_none(content):
    output = opened()
    write(output, "a.csv")
    output.note_done("a.csv", SOURCE, Done(1, 0))
    Path("out/_treernn/done/a.csv.parquet.json").write_bytes(content)
    assert output.done("a.csv", SOURCE) is None


def test_whose_folder_it_is():
    opened()
    opened()  # another shard, at the same moment
    assert problem(record={**RECORD, "model": "b"}) == (
        "out: started with another model (a, now b); write to another folder"
    )
    assert problem(record={**RECORD, "detail": {"classes": 3}}, resume=True) == (
        "out: started with another classes (5, now 3); write to another folder"
    )
    Path("out/_treernn/job.json").write_text("{")
    assert problem().endswith("; write to another folder")


def test_results_that_are_there():
    write(opened(), "2024/b.csv")
    there = "out/2024/b.csv.parquet: is there already; "
    assert problem() == f"{there}continue with --resume, or write elsewhere"
    opened(names=["a.csv"])  # a shard that has begun later
    opened(resume=True)
    os.rename("out/_treernn", "out/elsewhere")
    for resume in (False, True):
        assert problem(resume=resume) == f"{there}no job of this folder wrote it; move it away"
    assert sorted(os.listdir("out")) == ["2024", "elsewhere"]


def test_folders_that_cannot_be_written():
    Path("file").touch()
    assert problem("file") == "file: cannot be written, it is no folder"
    assert problem("file/out").startswith("file/out")
    assert problem("a\0b").startswith("a\\u0000b: cannot be written (")
    assert "embedded null" in problem("a\0b")  # the words of Python, which differ
    Path("out").mkdir()
    Path("out/_treernn").touch()
    assert problem().startswith("out/_treernn/job.json: cannot be written")


def wait_for_record(path):
    deadline = time.monotonic() + 60
    while not path.exists() or not path.stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return path.read_text()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes by forking")
@pytest.mark.parametrize("links", [True, False])
def test_many_start_at_once(links, monkeypatch):
    """Those of one job go on, and of two jobs only one does."""
    if not links:

        def link(*_):
            raise PermissionError

        monkeypatch.setattr(os, "link", link)
    for attempt in range(5):
        folder, children = f"out{attempt}", {}
        reading, writing = os.pipe()
        for number in range(6):
            model = "ab"[number % 2]
            if (child := os.fork()) == 0:
                status = 2
                with contextlib.suppress(BaseException):
                    os.close(writing)
                    os.read(reading, 1)  # all at once, when the parent closes its end
                    try:
                        opened(folder, {**RECORD, "model": model}, [])
                        status = 0
                    except InputError:
                        status = 1
                os._exit(status)
            children[child] = model
        os.close(reading)
        os.close(writing)
        record = json.loads(wait_for_record(Path(folder, "_treernn/job.json")))
        for child, model in children.items():
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            assert status == (model != record["model"])
        assert os.listdir(f"{folder}/_treernn") == ["job.json"]

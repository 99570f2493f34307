"""``treernn score`` with several processes, killed at random moments and resumed."""

import contextlib
import os
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from treernn.locks import locked

ROWS = "id,text\n" + "".join(
    f"{n},a film of {n} hours; not bad{'!' * (n % 9)}\n" for n in range(3000)
)


def parts(folder):
    with contextlib.suppress(FileNotFoundError):
        return [name for name in os.listdir(folder) if name.startswith("part-")]
    return []


def workers(process):
    """The processes that a process has started, where the system tells."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return []


def content(path):
    """Of a workbook its members, which have the time when they were written."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist() if name != "docProps/core.xml"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")
@pytest.mark.parametrize(
    ("name", "kills"),
    [("out.jsonl", 1), *(
        pytest.param(name, 2, marks=pytest.mark.slow)
        for name in ("out.csv.gz", "out.xlsx", "out.parquet")
    )],
)  # fmt: skip
def test_kills(in_process, small_model, tmp_path, monkeypatch, name, kills):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text(f"id,text\n{ROWS}")
    command = ["score", "in.csv", "--model", str(small_model), "--resume", "-o"]
    assert in_process(*command, f"unbroken-{name}", "--jobs", 1) == (0, "", "")
    rng, folder = random.Random(name), Path(f"{name}.parts")
    for _ in range(kills):
        before = len(parts(folder))
        process = subprocess.Popen(
            [sys.executable, "-m", "treernn", *command, name, "--jobs", "2"],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
        )
        while process.poll() is None and len(parts(folder)) == before:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.2))
        started = workers(process)
        process.kill()
        process.communicate()
        if not folder.exists():
            break
        with locked(folder):  # at once, though its workers may live for a moment
            pass
        assert len(parts(folder)) > before
        deadline = time.monotonic() + 20
        while any(os.path.exists(f"/proc/{worker}") for worker in started):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert in_process(*command, name, "--jobs", 1) == (0, "", "")
    assert content(Path(name)) == content(Path(f"unbroken-{name}"))
    assert sorted(os.listdir()) == ["in.csv", name, f"unbroken-{name}"]


def test_a_second_job_is_told_of_the_first(in_process, small_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("text\ngood\n")
    command = ["score", "in.csv", "--model", small_model, "-o", "out.csv", "--jobs", 1]
    with locked(tmp_path / "out.csv.parts"):
        for options in ([], ["--resume"]):
            status, out, err = in_process(*command, *options)
            assert (status, out, err.count("\n")) == (2, "", 1)
            start = f"treernn: out.csv.parts: in use by process {os.getpid()} on "
            assert err.startswith(start)
        Path("out.csv.parts/notes").touch()
        status, _, err = in_process(*command)
        assert (status, err) == (
            2,
            "treernn: out.csv.parts: has notes, which no job wrote; move it away\n",
        )

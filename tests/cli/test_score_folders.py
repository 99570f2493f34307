"""``treernn score`` of many files into a folder, as processes."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.dataset as ds
import pytest

KILLS = int(os.environ.get("TREERNN_KILLS", 3))
"""How often a job is killed."""


def make(name, count, column="text"):
    path = Path("in", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{n},a film of {n} hours; not bad{'!' * (n % 9)}" for n in range(count)]
    path.write_text("\n".join([f"id,{column}", *lines]) + "\n")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, count in [("a.csv", 3), ("2024/b.csv", 9), ("2024/01/c.csv", 20), ("d.csv", 1)]:
        make(name, count)


@pytest.fixture
def score(in_process, small_model):
    def run(*arguments):
        return in_process("score", "--model", small_model, "--parser", "right", *arguments)

    return run


def results(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(folder).parts)
    }


def start(small_model, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "treernn", "score", "--model", small_model, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_folder(score):
    Path("in/notes.md").touch()
    make("bad.csv", 1, "body")
    Path("in/stars.csv").write_text("text,stars,score\ngood,5,1\n")
    Path("in/2024/b.csv").write_text("id,text\n1,a good film\n2,\n")
    before, said = score("in", "-o", "out"), (
        "treernn: left out notes.md: ending of no format; --input-format reads them too\n"
        f"treernn: {Path.cwd()}/in/bad.csv: no column text, its columns are id, body (choose with "
        "--column)\n"
    )  # fmt: skip
    assert before[:2] == (1, "")
    assert before[2].startswith(said)
    note = "stars.csv: has score and stars already, so none is added; --prefix keeps both"
    assert note in before[2]
    assert before[2].endswith(
        "treernn: 5 files, 26 rows scored; 1 row could not be scored, see error; 1 file could "
        "not be scored\n"
    )
    assert ds.dataset("out").count_rows() == 27
    status, _, err = score("in", "-o", "out")
    assert (status, err.splitlines()[-1]) == (
        2,
        "treernn: out/2024/01/c.csv.parquet: is there already; continue with --resume, or write "
        "elsewhere",
    )
    status, _, err = score("in", "-o", "out", "--resume")
    assert status == 1
    assert "5 files (5 of them earlier), 26 rows scored" in err


def test_the_rest_of_the_ways_to_name_files(score):
    assert score("in", "-o", "whole") == (0, "", "treernn: 4 files, 33 rows scored\n")
    ways = [["in/"], ["in/**/*.csv"], ["-f", "in"], ["-f", "in/*"]]
    for number, arguments in enumerate([*ways, ["in/2024", "in/a.csv", "in/d.csv"]]):
        out = f"out{number}/"
        assert score(*arguments, "-o", out) == (0, "", "treernn: 4 files, 33 rows scored\n")
        assert results(out) == results("whole")
    assert score("in/a.csv", "-o", "one/") == (0, "", "treernn: 1 file, 3 rows scored\n")
    assert results("one") == {"a.csv.parquet": results("whole")["a.csv.parquet"]}
    Path("there").mkdir()
    assert score("in/d.csv", "-o", "there", "--format", "csv")[0] == 0
    assert [*results("there")] == ["d.csv.csv"]
    score("in/d.csv", "-o", "alone.csv")
    assert results("there")["d.csv.csv"] == Path("alone.csv").read_bytes()
    # Files of the same name in another folder are others.
    assert score("in/2024/b.csv", "-o", "one/")[2].startswith("treernn: one/: started with another")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["in"], "in: a folder, whose files are scored into another folder: add -o FOLDER; or, if"),
        (["in/*.csv"], "in/*.csv: one of many files, which are scored into another folder: add -o"),
        (["in", "-o", "out.csv"], "out.csv: is a file, but many files are scored into a folder"),
        (["in", "-o", "in/a.csv"], "in/a.csv: is a file, but many files are scored into a folder"),
        (["in", "-o", "in"], "in: holds the inputs of in, so its files would be inputs too"),
        (["in", "-o", "."], ".: holds the inputs of in, so its files would be inputs too"),
        (["in", "-o", "in/a.csv/x"], "in/a.csv/x"),
        (["none/*.csv", "-o", "out"], "none/*.csv: no file has such a name"),
        (["in/*.txt", "-o", "out"], "in/*.txt: no file has such a name"),
        (["in/a.csv", "good", "-o", "out"], "good: no file, but in/a.csv is; give either files or"),
        (["in/a.csv", "none.csv", "-o", "out"], "none.csv: cannot be read (No such file or dir"),
        (["in", "-o", "out", "--format", "tree"], "trees can only be printed, formats of files"),
        (["in", "-o", "x", "--format", "doccano", "--least-sure", "3"], "--least-sure is for one"),
        (["in", "-o", "out", "--escape-formulas"], "--escape-formulas is for CSV and TSV"),
        (["in", "-o", "out", "--no-phrases"], "--no-phrases is for json and jsonl, with"),
        (["in/a.csv", "-o", "x.csv", "--shard", "1/2"], "--shard is for many files: a folder, a"),
        (["good", "--shard", "1/2"], "--shard is for many files: a folder, a pattern, or several"),
        *((["in", "-o", "out", "--shard", text], f"--shard {text}: expected K/N, 1/N to N/N, such")
          for text in ("0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", "1.0/2", "١/٢")),
        (["in", "-o", "out", "--shard", "0/2"], "--shard 0/2: expected K/N, 1/N to N/N, such as "
         "1/8; what counts from 0 needs one more"),
        (["in", "-o", "out", "--model", "none"], "none"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)  # fmt: skip
def test_wrong_arguments(score, arguments, problem):
    status, out, err = score(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"treernn: {problem}")
    assert not Path("out").exists()


def test_shards_that_start_at_once(score, small_model):
    """Two processes with the same folder, which does not exist yet."""
    make("large.csv", 900)
    assert score("in", "-o", "whole")[0] == 0
    options = ("--parser", "right")
    shards = [
        start(small_model, "in", "-o", "out", "--shard", f"{number}/2", *options)
        for number in (1, 2)
    ]
    said = [process.communicate() for process in shards]
    assert [process.returncode for process in shards] == [0, 0], said
    assert {err for _, err in said} == {
        "treernn: 1 file, 900 rows scored\n",
        "treernn: 4 files, 33 rows scored\n",
    }
    assert results("out") == results("whole")
    state = [path.name for path in Path("out/_treernn").rglob("*") if path.is_file()]
    assert len(state) == 6
    _, _, err = score("in", "-o", "out", "--resume", "--shard", "3/9")
    assert err == "treernn: 1 file (1 of them earlier), 9 rows scored\n"


@pytest.mark.slow
def test_killed_at_random_moments(score, small_model):
    for number in range(10 * KILLS):
        make(f"many/{number}.csv", 200)
    make("large.csv", 15_000)
    assert score("in", "-o", "whole", "--jobs", 1)[0] == 0
    rng, kills = random.Random(1), 0
    command = ("in", "-o", "out", "--resume", "--parser", "right", "--jobs", "2")
    for _ in range(KILLS):
        before = len(os.listdir("out")) if Path("out").exists() else 0
        process = start(small_model, *command)
        while process.poll() is None and not Path("out/_treernn").exists():
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 4 if before else 8))
        process.kill()
        process.communicate()
        if process.returncode == 0:  # it was faster
            break
        kills += 1
        for name, content in results("out").items():
            assert content == results("whole")[name]
    assert kills
    status, out, _ = score(*command[:4], "--jobs", 1)
    assert (status, out) == (0, "")
    assert results("out") == results("whole")
    assert not [path for path in Path("out/_treernn/parts").rglob("*") if path.is_file()]

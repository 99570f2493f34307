"""Many inputs into a folder: what is written, what goes on after a kill, what fails alone."""

import errno
import gzip
import itertools
import os
import random
import shutil
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from kills import killed

from treernn.errors import StorageError
from treernn.outputs import cannot_write
from treernn.scoring import job
from treernn.scoring.folders import run
from treernn.scoring.folders.inputs import find_inputs, shard_of
from treernn.scoring.folders.output import Done, open_output
from treernn.scoring.settings import Settings, TableOptions
from treernn.scoring.table import part_scorers, score_part, writer_of
from treernn.tables.open import open_table

OPTIONS = TableOptions()
WORDS = ("good", "bad", "great", "awful", "film", "!", "")


def rows(count, seed):
    rng = random.Random(seed)
    return [f"{n}," + " ".join(rng.choices(WORDS, k=4)) for n in range(count)]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Files of several parts, small and large, and in folders."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(job, "PART_ROWS", 8)
    monkeypatch.setattr(run, "LARGE_FILE", 300)
    for number, (name, count) in enumerate(
        [("a.csv", 3), ("b.csv", 30), ("2024/c.csv", 20), ("2024/01/d.csv", 1), ("e.csv", 9)]
    ):
        path = Path("in", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["id,text", *rows(count, number)]) + "\n")


class Scoring:
    """Scores the inputs of a folder with a classifier of some words; counts what it scores."""

    def __init__(self, scorer):
        self.scorer, self.count = scorer, 0

    def __call__(self, out="out", format="parquet", resume=False, shard=None, source="in"):
        inputs = find_inputs([source])
        files = shard_of(inputs.files, *shard) if shard else inputs.files
        settings = Settings("small", "cpu", "embedded", "float32", format)
        record = {"inputs": inputs.base, **asdict(OPTIONS)}
        output = open_output(out, format, record, [file.name for file in files], resume)
        folder = run.FolderJob(OPTIONS, settings, output, record, self.scorers)
        return [*run.score_inputs(folder, files)]

    def scorers(self, settings):
        def score(chunk):
            self.count += len(chunk.rows)
            return score_part(self.scorer, writer, chunk)

        writer = writer_of(settings, self.scorer.classifier)
        return score


@pytest.fixture
def score(scorer):
    return Scoring(scorer)


def results(folder):
    """The files of a folder by name, but those that readers of data sets ignore."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(folder).parts)
    }


def ended(steps):
    return {step.ended.file.name: step.ended for step in steps if step.ended}


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl", "html", "root", "doccano"])
def test_each_file_is_as_if_it_were_scored_alone(score, scorer, format):
    steps = score(format=format)
    found = results("out")
    assert len(found) == 5
    with part_scorers(scorer, 1) as scorers:
        for file in find_inputs(["in"]).files:
            settings = Settings("small", "cpu", "embedded", "float32", format)
            with run.open_to_score(file.path, OPTIONS, settings) as (table, settings):
                writer = writer_of(settings, None)
                parts = job.run(
                    Path("alone"), {}, table.chunks(8, 10**6), scorers(settings), writer.join
                )
                assert sum(part.rows for part in parts)
            [name] = [name for name in found if name.startswith(f"{file.name}.")]
            assert found[name] == Path("alone").read_bytes()
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert steps[-1].fraction == 1
    assert sum(step.rows for step in steps) == 63
    assert not any(step.earlier for step in steps if step.rows)
    assert {each.done.rows for each in ended(steps).values()} == {3, 30, 20, 1, 9}
    failed = sum(each.done.failed for each in ended(steps).values())
    assert failed > 0
    errors = [error for each in ended(steps).values() for error in each.errors]
    assert len(errors) == (failed if format in ("root", "html", "doccano") else 0)


def test_a_data_set(score):
    score()
    table = ds.dataset("out").to_table()
    assert table.num_rows == 63
    assert table.column_names[:3] == ["id", "text", "label"]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_write_what_one_run_writes(score, count):
    score("whole")
    for number in range(1, count + 1):
        score("out", shard=(number, count))
    assert results("out") == results("whole")
    assert score.count == 2 * 63


def test_what_is_done_is_not_done_again(score):
    score()
    score.count = 0
    steps = score(resume=True)
    assert score.count == 0
    assert all(step.earlier for step in steps)
    assert ended(steps)["b.csv"].done == Done(30, ended(score("new"))["b.csv"].done.failed)
    score.count, before = 0, results("out")
    os.utime("in/a.csv")  # the content counts, not the time
    Path("in/e.csv").write_text("id,text\n1,good\n")
    Path("in/new.csv").write_text("id,text\n1,good\n2,bad\n")
    Path("out/2024/01/d.csv.parquet").unlink()
    score(resume=True)
    assert score.count == 1 + 2 + 1
    after = results("out")
    assert {name for name in after if after[name] != before.get(name)} == {
        "e.csv.parquet", "new.csv.parquet",
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a copy of this process")
@pytest.mark.parametrize(
    ("format", "step"),
    [
        ("parquet", 9),
        *(pytest.param(name, 1, marks=pytest.mark.slow) for name in ("parquet", "csv")),
    ],
)
def test_killed_when_it_changes_the_file_system(score, format, step):
    score("whole", format)
    whole = results("whole")
    for call in itertools.count(1, step):
        shutil.rmtree("out", ignore_errors=True)
        if not killed(partial(score, format=format, resume=True), at_call=call):
            break
        for name, content in results("out").items():  # each is whole, or not there
            assert content == whole[name]
        score(format=format, resume=True)
        assert results("out") == whole
        files = [path for path in Path("out").rglob("*") if path.is_file()]
        names = [path.name for path in files if "job.json." not in path.name]
        assert len(names) == 2 * len(whole) + 1, names  # each with its record, and that of the job
    assert call > 50


def test_a_killed_job_whose_input_has_changed(score):
    """What was scored of a large file is thrown away."""

    def stop(settings):
        score_chunk = Scoring.scorers(score, settings)

        def stopping(chunk):
            if chunk.first > 16:
                raise KeyboardInterrupt
            return score_chunk(chunk)

        return stopping

    score.scorers = stop
    with pytest.raises(KeyboardInterrupt):
        score()
    del score.scorers
    assert len(os.listdir("out/_treernn/parts/2024/c.csv")) == 3  # the record, and two parts
    assert score.count == 16
    with open("in/2024/c.csv", "a") as file:
        file.write("99,good\n")
    score(resume=True)
    assert score.count == 16 + 64
    score("new")
    assert results("out") == results("new")


BAD = {
    "none.csv": (b"id,body\n1,x\n", "no column text, its columns are id, body (choose with"),
    "empty.csv": (b"", "empty"),
    "cut.csv.gz": (
        gzip.compress(b"id,text\n" + b"1,good\n" * 99)[:-9],
        "cannot be read (Compressed file ended before",
    ),
    "cut.parquet": (b"PAR1\0\0\0PAR1", "not a Parquet file"),
    "taken.csv": (b"text,label\nx,y\n", "already has a column label, rename the added columns"),
    "twice.json": (b"[", "the array does not end"),
}


def test_an_input_that_cannot_be_read_fails_alone(score):
    score("whole")
    for name, (content, _) in BAD.items():
        Path("in", name).write_bytes(content)
    os.symlink("nowhere", "in/lost.csv")
    Path("in/folder.csv").mkdir()
    steps = score("out")
    assert results("out") == results("whole")
    found = ended(steps)
    problems = {name: each.problem for name, each in found.items() if each.done is None}
    assert problems.keys() == {*BAD, "lost.csv"}
    for name, (_, problem) in {**BAD, "lost.csv": (b"", "No such file")}.items():
        assert str(Path.cwd() / "in" / name) in problems[name]
        assert problem in problems[name], problems[name]
        assert "\n" not in problems[name]
    assert steps[-1].fraction == 1
    again = ended(score("out", resume=True))  # they are tried again
    assert {name: each.problem for name, each in again.items() if each.problem} == problems


def test_an_input_that_changes_while_it_is_read(score, monkeypatch):
    def changing(path, *arguments, **options):
        if Path(path).name == "a.csv":
            with open(path, "a") as file:
                file.write("4,good\n")
        return open_table(path, *arguments, **options)

    monkeypatch.setattr("treernn.scoring.rows.open_table", changing)
    found = ended(score())["a.csv"]
    assert found.done is None
    assert found.problem.endswith("in/a.csv: has changed while it was read; score it once more")
    monkeypatch.undo()
    os.chdir(Path(found.file.path).parents[1])
    assert ended(score(resume=True))["a.csv"].done.rows == 4


def test_what_is_said_of_a_file(score):
    Path("in/names.csv").write_text("id,text,id,stars\n1,good,2,5\n")
    found = ended(score())["names.csv"]
    assert found.own == ("stars",)
    [note] = found.notes
    assert "id (2)" in note


def test_a_result_that_cannot_be_written(score):
    Path("out/2024").mkdir(parents=True)
    Path("out/2024/01").touch()
    found = ended(score())
    assert [name for name, each in found.items() if each.done is None] == ["2024/01/d.csv"]
    assert "out/2024/01/d.csv.parquet: cannot be written" in found["2024/01/d.csv"].problem


@pytest.mark.parametrize("write", ["run", "run_whole"])
def test_a_full_disk_ends_the_job(score, monkeypatch, write):
    def full(out, *_, **__):
        raise cannot_write(out, OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(job, write, full)
    with pytest.raises(StorageError, match=r"out/.*: cannot be written \(No space left"):
        score()

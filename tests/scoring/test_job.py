import dataclasses
import json
import os
import subprocess
import sys
import textwrap

import pyarrow.parquet as pq
import pytest

from treernn.errors import InputError
from treernn.scoring import job
from treernn.scoring.formats import FORMATS
from treernn.scoring.job import Part
from treernn.scoring.rows import Chunk, Row

CHUNKS = [Chunk([Row(f"line {number}", "x" * number)], number / 10) for number in range(1, 11)]


def process(chunk):
    """A part whose one row is bad where its number is even."""
    [row] = chunk.rows
    bad = 1 - len(row.text) % 2
    return Part(f"{row.place}\n".encode(), 1, bad, chunk.fraction, (row.place,) * bad)


def join(parts, out):
    out.write_bytes(b"".join(part.read_bytes() for part in parts))


def run(out, process=process, chunks=CHUNKS, **settings):
    return list(
        job.run(out, {"column": "text", "input size": 5}, chunks, process, join, **settings)
    )


def stops_at(number):
    """``process``, but that it dies at a chunk."""

    def stopping(chunk):
        if chunk is CHUNKS[number]:
            raise KeyboardInterrupt
        return process(chunk)

    return stopping


WHOLE = b"".join(b"line %d\n" % number for number in range(1, 11))


def test_a_job_leaves_only_its_file(tmp_path):
    out = tmp_path / "out.txt"
    out.write_text("what was there before")
    parts = run(out)
    assert out.read_bytes() == WHOLE
    assert os.listdir(tmp_path) == ["out.txt"]
    assert [part.failed for part in parts] == [0, 1] * 5
    assert parts[-1].fraction == 1


def test_a_job_is_resumed(tmp_path):
    out = tmp_path / "out.txt"
    out.write_text("what was there before")
    for number in (4, 7):
        with pytest.raises(KeyboardInterrupt):
            run(out, stops_at(number), resume=True)
        assert out.read_text() == "what was there before"
    scored = []
    parts = run(
        out, lambda chunk: scored.append(chunk.rows[0].place) or process(chunk), resume=True
    )
    assert scored == ["line 8", "line 9", "line 10"]
    assert out.read_bytes() == WHOLE
    assert os.listdir(tmp_path) == ["out.txt"]
    assert [part.failed for part in parts] == [0, 1] * 5
    assert [part.data == b"" for part in parts] == [True] * 7 + [False] * 3


def test_a_job_killed_while_joining(tmp_path):
    out = tmp_path / "out.txt"

    def dies(parts, fresh):
        fresh.write_bytes(parts[0].read_bytes())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(job.run(out, {"input size": 1}, CHUNKS, process, dies))
    assert not out.exists()
    list(job.run(out, {"input size": 1}, CHUNKS, process, join, resume=True))
    assert out.read_bytes() == WHOLE


def test_a_job_killed_while_cleaning_up(tmp_path):
    out = tmp_path / "out.txt"
    left = tmp_path / ".out.txt.parts"
    left.mkdir()
    (left / "part-000000-0").write_text("line 1")
    (tmp_path / ".out.txt.abcd.part").write_text("half")
    run(out, resume=True)
    assert out.read_bytes() == WHOLE
    assert os.listdir(tmp_path) == ["out.txt"]


def test_an_unfinished_job_is_not_overwritten(tmp_path):
    out = tmp_path / "out.txt"
    with pytest.raises(KeyboardInterrupt):
        run(out, stops_at(3))
    problem = (
        "out.txt.parts: an unfinished job; continue it with --resume, or remove it to start again$"
    )
    with pytest.raises(InputError, match=problem):
        run(out)
    problem = (
        r"out.txt.parts: started with another column \(text, now body\); remove it to start again$"
    )
    with pytest.raises(InputError, match=problem):
        list(job.run(out, {"column": "body", "input size": 5}, CHUNKS, process, join, True))
    (tmp_path / "out.txt.parts" / "job.json").write_text("{")
    with pytest.raises(InputError, match=r"job.json: cannot be read \("):
        run(out, resume=True)


def test_a_job_of_a_stream_starts_again(tmp_path):
    out = tmp_path / "out.txt"
    with pytest.raises(KeyboardInterrupt):
        list(job.run(out, {"column": "text"}, CHUNKS, stops_at(5), join))
    assert all(part.data for part in job.run(out, {"column": "text"}, CHUNKS, process, join))
    assert out.read_bytes() == WHOLE


def test_the_output_cannot_be_a_folder(tmp_path):
    """Said at once, not after hours."""
    with pytest.raises(InputError, match="cannot be written, it is a folder"):
        run(tmp_path)


def test_no_rows_at_all(tmp_path):
    assert run(tmp_path / "out.txt", chunks=[]) == []
    assert (tmp_path / "out.txt").read_bytes() == b""


def test_records_of_jobs(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("text\ngood\n")
    settings = job.Settings("small", "cpu", "embedded", "float32", "csv", ("text",), "")
    before = job.job_record(str(path), settings, column="text")
    assert json.loads(json.dumps(before)) == before | {"columns": ["text"]}
    assert before == job.job_record(str(path), settings, column="text")
    os.utime(path, (1, 1))
    folder = tmp_path / "parser"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    own = dataclasses.replace(settings, parser=str(folder))
    by_own = job.job_record(str(path), own, column="text")
    (folder / "config.json").write_text("{ }")
    assert by_own != job.job_record(str(path), own, column="text")
    after = job.job_record(str(path), settings, column="body")
    assert {name for name in before if before[name] != after[name]} == {"column", "input time"}
    assert "input size" not in job.job_record(None, settings)


def test_failed_rows_are_counted(scorer):
    chunk = Chunk([Row("line 1", "good"), Row("line 2", error="empty"), Row("line 3", "!")], 0.5)
    part = job.score_part(scorer, FORMATS["root"](scorer.classifier), chunk)
    assert part == Part(
        b"  Positive\n\n\n",
        3,
        2,
        0.5,
        ("line 2: empty", "line 3: no word in it, nothing to score"),
    )


KILLED_AND_RESUMED = textwrap.dedent(
    """
    import functools, os, random, signal, sys, time, warnings
    from pathlib import Path
    from treernn.models.pretrained import PARSER
    from treernn.parsing.baselines import ShapeParser, balanced
    from treernn.scoring import formats, job
    from treernn.scoring.rows import open_rows
    from treernn.scoring.scorer import Scorer
    import numpy, pyarrow.parquet

    class Constant:
        def distributions(self, trees):
            time.sleep(0.002)
            return [numpy.full((tree.num_nodes, 5), 0.2) for tree in trees]

    def start(source, out, resume):
        scorer = Scorer(ShapeParser(balanced), Constant())
        format = formats.output_format(out)
        with open_rows(source) as table:
            writer = formats.FORMATS[format](scorer.classifier, table.columns)
            process = functools.partial(job.score_part, scorer, writer)
            record = {"input size": 0}
            for _ in job.run(out, record, table.chunks(10, 10**6), process, writer.join, resume):
                pass

    def killed_and_resumed(source, out):
        start(source, out.with_name("unbroken" + out.suffix), False)
        kills = 0
        while True:
            pid = os.fork()
            if not pid:
                start(source, out, True)
                os._exit(0)
            time.sleep(random.random() * (0.05 + 0.02 * kills))
            os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            if status == 0 or out.exists():
                return kills
            assert os.WIFSIGNALED(status), status
            assert kills < 200
            kills += 1

    random.seed(1)
    warnings.simplefilter("ignore", DeprecationWarning)  # of fork, where there are threads
    source, *outs = map(Path, sys.argv[1:])
    print([killed_and_resumed(source, out) for out in outs])
    """
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_job_killed_at_random_moments_has_the_same_output(tmp_path):
    """Kills at random moments, until a run comes through; torch is loaded but once."""
    source = tmp_path / "in.csv"
    source.write_text("id,text\n" + "".join(f"{i},film {i}{'!' * (i % 7)}\n" for i in range(400)))
    outs = [tmp_path / name for name in ("out.jsonl", "out.json", "out.parquet")]
    finished = subprocess.run(
        [sys.executable, "-c", KILLED_AND_RESUMED, source, *outs],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert min(json.loads(finished.stdout)) >= 1
    for out in outs:
        assert out.read_bytes() == out.with_stem("unbroken").read_bytes()
    ids = [str(number) for number in range(400)]
    assert pq.read_table(outs[-1])["id"].to_pylist() == ids
    assert [row["id"] for row in json.loads(outs[1].read_bytes())] == ids

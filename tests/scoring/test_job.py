import dataclasses
import json
import os
import re
import subprocess
import sys
import textwrap

import hypothesis
import hypothesis.strategies as st
import pyarrow.parquet as pq
import pytest

from treernn.errors import InputError
from treernn.scoring import job
from treernn.scoring.formats import FORMATS
from treernn.scoring.job import Part
from treernn.scoring.parts import open_parts, parts_of
from treernn.scoring.rows import Chunk, Row
from treernn.scoring.settings import Settings
from treernn.scoring.table import score_part

CHUNKS = [Chunk([Row(f"line {number}", "x" * number)], number / 10) for number in range(1, 11)]


def process(chunk):
    """A part whose one row is bad where its number is even."""
    [row] = chunk.rows
    bad = 1 - len(row.text) % 2
    return Part(f"{row.place}\n".encode(), 1, bad, chunk.fraction, (row.place,) * bad)


def join(parts, out):
    out.write_bytes(b"".join(part.read_bytes() for part in parts))


RECORD = {"column": "text", "input size": 5}


def run(out, process=process, chunks=CHUNKS, **settings):
    return list(job.run(out, RECORD, chunks, process, join, **settings))


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
    left = tmp_path / ".out.txt.parts.12ab34cd.part"
    left.mkdir()
    (left / f"part-000000-0-{'0' * 32}").write_text("line 1")
    (tmp_path / ".out.txt.12ab34cd.part").write_text("half")
    run(out, resume=True)
    assert out.read_bytes() == WHOLE
    assert os.listdir(tmp_path) == ["out.txt"]


@pytest.fixture
def unfinished(tmp_path):
    """The folder of a job that was killed after three parts."""
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "out.txt", stops_at(3))
    return tmp_path / "out.txt.parts"


def parts(folder):
    return sorted(path for path in folder.iterdir() if path.name.startswith("part-"))


def problem_of(folder, resume=True, **record):
    """The one line of a job whose folder is refused, and left as it is."""
    before = {path: path.lstat() for path in folder.parent.rglob("*")}
    with pytest.raises(InputError) as error:
        list(job.run(folder.with_suffix(""), RECORD | record, CHUNKS, process, join, resume))
    after = {path: path.lstat() for path in folder.parent.rglob("*")}
    assert {path: found.st_ino for path, found in after.items()} == {
        path: found.st_ino for path, found in before.items()
    }
    message = str(error.value)
    assert "\n" not in message
    return message.replace(f"{folder.parent}/", "")


def test_an_unfinished_job_is_not_overwritten(unfinished):
    assert problem_of(unfinished, resume=False) == (
        "out.txt.parts: an unfinished job; continue it with --resume, or remove it to start again"
    )
    assert problem_of(unfinished, column="body") == (
        "out.txt.parts: started with another column (text, now body); remove it to start again"
    )
    assert problem_of(unfinished, added=1) == (
        "out.txt.parts: started with another added (null, now 1); remove it to start again"
    )


def test_a_difference_inside_a_value_is_named(tmp_path):
    out = tmp_path / "out.txt"
    detail = {"level": "review " * 20, "texts": True}
    with open_parts(parts_of(out), {"input size": 1, "detail": detail}):
        pass
    with (
        pytest.raises(InputError, match=r"another texts \(true, now false\)"),
        open_parts(
            parts_of(out), {"input size": 1, "detail": detail | {"texts": False}}, resume=True
        ),
    ):
        pass


@pytest.mark.parametrize(
    "record",
    [b"", b"{", b"null", b"5", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000,
     b'{"a": 1' + b"0" * 9999, b'{"a":' * 900 + b"1" + b"}" * 900, b" " * 2_000_000],
    ids=["empty", "cut", "null", "number", "list", "string", "bytes", "deep list", "long number",
         "deep object", "huge"],
)  # fmt: skip
def test_a_record_that_is_none(unfinished, record):
    (unfinished / "job.json").write_bytes(record)
    if record.startswith(b'{"a":{'):  # deep, but an object; as of a stream it starts again
        record = record[:-1] + b', "input size": 5}'
        (unfinished / "job.json").write_bytes(record)
    message = problem_of(unfinished)
    assert message.startswith(("out.txt.parts/job.json: ", "out.txt.parts: started with another"))
    assert message.endswith("to start again")
    assert len(message) < 500


def test_values_of_wrong_types_are_another_job(unfinished):
    text = (unfinished / "job.json").read_text()
    for value in ("true", "5.5", "[5]", '{"a": 5}', '"' + "x" * 10_000 + '"'):
        (unfinished / "job.json").write_text(text.replace("5", value))
        assert problem_of(unfinished).startswith("out.txt.parts: started with another input size (")


def test_a_folder_with_parts_of_an_unknown_job(unfinished):
    (unfinished / "job.json").unlink()
    for resume in (False, True):
        assert problem_of(unfinished, resume) == (
            "out.txt.parts: has parts but no job.json, so it is unknown of what; remove it to "
            "start again"
        )


ODD_NAMES = [
    "part-xx", "part-000001-", "part-1e9-0", "part-000000-0", "part-٠٠٠٠٠٠-0-" + "0" * 32,
    "notes.txt", ".hidden", "part-000000-0-" + "g" * 32, "part-000000-0-" + "0" * 32 + "\n",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_folder_with_files_of_somebody_else(tmp_path, name):
    folder = tmp_path / "out.txt.parts"
    folder.mkdir()
    (folder / name).write_text("mine")
    escaped = name.replace("\n", "\\n")
    message = f"out.txt.parts: has {escaped}, which no job wrote; move it away"
    with pytest.raises(InputError) as error:
        run(tmp_path / "out.txt")
    assert str(error.value) == f"{tmp_path}/{message}"
    assert [path.read_text() for path in folder.iterdir()] == ["mine"]


def test_an_unfinished_job_with_a_file_of_somebody_else(unfinished):
    (unfinished / "notes").write_text("mine")
    message = "out.txt.parts: has notes, which no job wrote; move it away"
    assert problem_of(unfinished) == problem_of(unfinished, resume=False) == message


@pytest.mark.parametrize("name", ["job.json", "lock", "part-000007-0-" + "0" * 32])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "link to nowhere"])
def test_a_part_or_record_that_is_no_file(unfinished, tmp_path, name, kind):
    path = unfinished / name
    path.unlink(missing_ok=True)
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case _:
            path.symlink_to(tmp_path / "elsewhere")
    if kind == "link":
        (tmp_path / "elsewhere").write_text("{}")
    assert problem_of(unfinished) == (
        f"out.txt.parts/{name}: no file, so no job wrote it; move it away"
    )


@pytest.mark.parametrize("kind", ["file", "link", "link to nowhere", "pipe"])
def test_the_folder_of_parts_is_something_else(tmp_path, kind):
    folder, elsewhere = tmp_path / "out.txt.parts", tmp_path / "elsewhere"
    match kind:
        case "file":
            folder.write_text("mine")
        case "pipe":
            os.mkfifo(folder)
        case _:
            folder.symlink_to(elsewhere)
    if kind == "link":
        elsewhere.mkdir()
    assert problem_of(folder) == "out.txt.parts: expected a folder of parts; move it away"


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


DAMAGES = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "flipped": lambda path: path.write_bytes(flipped(path.read_bytes())),
    "moved": lambda path: path.rename(path.with_name(path.name.replace("000001", "000012"))),
    "of another number": lambda path: path.rename(
        path.with_name(path.name.replace("part-000001", "part-000000"))
    ),
    "with other errors": lambda path: path.rename(path.with_name(path.name.replace("-1-", "-0-"))),
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_damaged_part_is_scored_again(unfinished, damage, number):
    DAMAGES[damage](parts(unfinished)[number])
    found = run(unfinished.with_suffix(""), resume=True)
    assert unfinished.with_suffix("").read_bytes() == WHOLE
    assert os.listdir(unfinished.parent) == ["out.txt"]
    assert [part.failed for part in found] == [0, 1] * 5


@hypothesis.settings(max_examples=20)
@hypothesis.given(st.data())
def test_a_part_with_any_other_content_is_scored_again(tmp_path_factory, data):
    out = tmp_path_factory.mktemp("job") / "out.txt"
    with pytest.raises(KeyboardInterrupt):
        run(out, stops_at(3))
    path = data.draw(st.sampled_from(parts(out.with_name("out.txt.parts"))))
    path.write_bytes(data.draw(st.binary(max_size=40)))
    run(out, resume=True)
    assert out.read_bytes() == WHOLE


def test_a_part_of_another_job_is_scored_again(unfinished, tmp_path):
    """Of another record; the name and the folder alone would not tell."""
    other = tmp_path / "other" / "out.txt"
    with pytest.raises(KeyboardInterrupt):
        list(job.run(other, {"input size": 7}, CHUNKS, stops_at(2), join))
    for path in parts(other.with_name("out.txt.parts")):
        path.write_text("foreign")
        path.rename(unfinished / path.name)
    for path in parts(unfinished):
        if path.read_bytes() != b"foreign":
            path.unlink()
    run(tmp_path / "out.txt", resume=True)
    assert (tmp_path / "out.txt").read_bytes() == WHOLE


def test_a_second_job_is_kept_out(tmp_path):
    """By any name of the same file; it says who is there, and disturbs nothing."""
    out, link = tmp_path / "out.txt", tmp_path / "link.txt"
    link.symlink_to(out)
    first = job.run(out, RECORD, CHUNKS, process, join)
    next(first)
    for name in (out, link):
        for resume in (False, True):
            with pytest.raises(InputError) as error:
                list(job.run(name, RECORD, CHUNKS, process, join, resume))
            assert re.fullmatch(
                rf"{out}\.parts: in use by process {os.getpid()} on \S+ since "
                r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d; wait for its end, or write elsewhere",
                str(error.value),
            )
    assert len(list(first)) == 9
    assert out.read_bytes() == WHOLE
    assert sorted(os.listdir(tmp_path)) == ["link.txt", "out.txt"]


def test_an_output_that_is_a_link(tmp_path):
    """What it leads to is replaced, and keeps its mode."""
    out, target = tmp_path / "out.txt", tmp_path / "there" / "target.txt"
    out.symlink_to("there/target.txt")
    run(out)  # to nowhere
    assert (out.is_symlink(), target.read_bytes()) == (True, WHOLE)
    target.write_text("old")
    target.chmod(0o640)
    run(out)
    assert (out.is_symlink(), target.read_bytes()) == (True, WHOLE)
    assert target.stat().st_mode & 0o777 == 0o640
    assert os.listdir(target.parent) == ["target.txt"]


@pytest.mark.parametrize("length", [200, 249, 255])
def test_an_output_with_a_long_name(tmp_path, length):
    out = tmp_path / ("x" * (length - 4) + ".txt")
    with pytest.raises(KeyboardInterrupt):
        run(out, stops_at(3))
    run(out, resume=True)
    assert out.read_bytes() == WHOLE
    assert os.listdir(tmp_path) == [out.name]


def test_an_output_with_a_name_too_long(tmp_path):
    for name in ("x" * 256, "é" * 128, "a/" * 3000):
        with pytest.raises(InputError, match=r": cannot be written \(File name too long\)$"):
            run(tmp_path / name)
    assert os.listdir(tmp_path) == []


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
    settings = Settings("small", "cpu", "embedded", "float32", "csv", ("text",), "")
    before = job.job_record(str(path), settings, column="text")
    lists = {"columns": ["text"], "detail": before["detail"] | {"own": []}}
    assert json.loads(json.dumps(before)) == before | lists
    assert before == job.job_record(str(path), settings, column="text")
    status = path.stat()
    path.write_text("text\nevil\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    folder = tmp_path / "parser"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    own = dataclasses.replace(settings, parser=str(folder))
    by_own = job.job_record(str(path), own, column="text")
    (folder / "config.json").write_text("{ }")
    assert by_own != job.job_record(str(path), own, column="text")
    after = job.job_record(str(path), settings, column="body")
    assert {name for name in before if before[name] != after[name]} == {"column", "input sha256"}
    assert "input size" not in job.job_record(None, settings)


def test_failed_rows_are_counted(scorer):
    chunk = Chunk([Row("line 1", "good"), Row("line 2", error="empty"), Row("line 3", "!")], 0.5)
    part = score_part(scorer, FORMATS["root"](scorer.classifier), chunk)
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
    from treernn.scoring.table import score_part
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
            process = functools.partial(score_part, scorer, writer)
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

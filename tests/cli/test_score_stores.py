"""``treernn score`` of objects of stores: the same files as on disk, byte for byte."""

import gzip
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stores import content, put, served

from treernn.scoring import job
from treernn.scoring.folders import run as folders_run
from treernn.scoring.parts import open_parts
from treernn.stores import _filesystem, place

KILLS = int(os.environ.get("TREERNN_KILLS", 3))
"""How often a job is killed."""


def rows(count, start=0):
    return [f"a film of {n} hours; not bad{'!' * (n % 9)}" for n in range(start, start + count)]


def table(path, count):
    lines = [f"{number},{text}" for number, text in enumerate(rows(count))]
    path.write_text("\n".join(["id,text", *lines]) + "\n")


def files(folder):
    """A file of each kind of reading, one that is damaged, and one of no format."""
    (folder / "2024").mkdir(parents=True)
    table(folder / "a.csv", 30)
    table(folder / "2024" / "ä b [1].csv", 3)
    (folder / "c.txt.gz").write_bytes(gzip.compress("\n".join(rows(7)).encode()))
    (folder / "d.jsonl").write_text('{"text": "good", "n": 1}\n{"text": "bad", "n": null}\n')
    pq.write_table(pa.table({"text": rows(50)}), folder / "e.parquet", row_group_size=20)
    (folder / "broken.parquet").write_bytes(b"PAR1 no more")
    (folder / "notes.md").write_text("notes")
    return folder


def on_disk(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.*")
        if path.is_file() and "_treernn" not in path.parts
    }


@pytest.fixture(scope="module", params=["s3", "gs"])
def bucket(request, tmp_path_factory):
    with served(request.param, tmp_path_factory.mktemp("store")) as address:
        yield address


@pytest.fixture
def address(bucket, request):
    """A folder in the bucket for a test."""
    return f"{bucket}/{request.node.originalname}"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def score(in_process, small_model):
    def run(*arguments):
        return in_process("score", "--model", small_model, "--parser", "right", *arguments)

    return run


def test_a_folder(score, address, monkeypatch):
    put(files(Path("in")), f"{address}/in")
    monkeypatch.setattr(folders_run, "LARGE_FILE", 1000)  # of which parts are kept
    monkeypatch.setattr(job, "PART_ROWS", 8)
    status, _, said = score("in", "-o", "out")
    assert status == 1
    expected = on_disk(Path("out"))
    for source, out in ((f"{address}/in/", f"{address}/out/"), ("in", f"{address}/to")):
        status, _, there = score(source, "-o", out)
        assert status == 1
        assert there.replace(f"{address}/in/", f"{Path.cwd()}/in/") == said
        same_bytes(content(out.rstrip("/")), expected)
        left = {str(each).removeprefix(out.rstrip("/")) for each, _ in place(out).walk()}
        assert not {name for name in left if "/parts/" in name}
    assert score(f"{address}/in/**/*.*", "-o", "down")[0] == 1
    same_bytes(on_disk(Path("down")), expected)
    again = score(f"{address}/in", "-o", f"{address}/out/")
    assert again[0] == 2
    assert "is there already; continue with --resume, or write elsewhere" in again[2]
    again = score(f"{address}/in/", "-o", f"{address}/out", "--resume")
    assert "5 files (5 of them earlier), 92 rows scored" in again[2]
    # An object that was written again is scored again, the others are not.
    table(Path("in/a.csv"), 31)
    put(Path("in"), f"{address}/in")
    again = score(f"{address}/in", "-o", f"{address}/out", "--resume")
    assert "5 files (4 of them earlier), 93 rows scored" in again[2]


def same_bytes(found, expected):
    assert [*sorted(found)] == [*sorted(expected)]
    assert not [name for name in found if found[name] != expected[name]]


def test_an_object_written_again_has_another_version(address):
    versions = []
    for text in ("good", "fine"):
        Path("a.txt").write_text(text)
        place(f"{address}/a.txt").upload(Path("a.txt"))
        versions.append(place(f"{address}/a.txt").version())
    assert [version.size for version in versions] == [4, 4]
    assert versions[0].etag != versions[1].etag


def test_parts_of_an_earlier_run(address):
    folder, job_of = place(f"{address}/out.csv.parts"), {"file": "a.csv"}
    with open_parts(folder, job_of) as parts:
        parts.write(0, 2, b"eight rows")
    with open_parts(folder, job_of) as parts:
        found = parts.find(0)
        assert found is not None
        assert (found.failed, found.path.read_bytes()) == (2, b"eight rows")
    with open_parts(folder, {"file": "another"}) as parts:
        assert parts.find(0) is None
        parts.remove()
    with open_parts(folder, job_of) as parts:
        assert parts.find(0) is None


def test_hidden_objects_and_missing_folders(score, address):
    put(files(Path("in")), f"{address}/in")
    place(f"{address}/in/.hidden.csv").upload(Path("in/a.csv"))
    assert score(f"{address}/in/*.csv", "-o", "out")[0] == 0
    assert [*on_disk(Path("out"))] == ["a.csv.parquet"]
    status, out, err = score(f"{address}/none/", "-o", "none")
    assert (status, out) == (2, "")
    assert f"{address}/none" in err


def test_shards_one_file_and_patterns(score, address):
    put(files(Path("in")), f"{address}/in")
    assert score("in/**/*.csv", "-o", "out")[0] == 0
    for number in (1, 2):
        out = f"{address}/out/"
        assert score(f"{address}/in/**/*.csv", "-o", out, "--shard", f"{number}/2")[0] == 0
    same_bytes(content(f"{address}/out"), on_disk(Path("out")))
    assert score("in/a.csv", "-o", "a.csv")[0] == 0
    assert score(f"{address}/in/a.csv", "-o", f"{address}/a.csv") == (0, "", "")
    assert score(f"file://{Path.cwd()}/in/a.csv", "-o", f"file://{Path.cwd()}/b.csv")[0] == 0
    assert Path("b.csv").read_bytes() == Path("a.csv").read_bytes()
    assert place(f"{address}/a.csv").read_bytes() == Path("a.csv").read_bytes()
    assert score(f"{address}/in/a.csv", f"{address}/in/c.txt.gz", "-o", "two/")[0] == 0
    assert [*sorted(on_disk(Path("two")))] == ["a.csv.parquet", "c.txt.gz.parquet"]


def test_what_goes_wrong_is_one_line(error, address):
    put(files(Path("in")), f"{address}/in")
    scheme = address.partition("://")[0]
    missing = f"{scheme}://no-such-bucket"
    assert error(f"{missing}/in/", "-o", "out").startswith(f"{missing}/in/: ")
    assert "cannot be written" in error("in/a.csv", "-o", f"{missing}/out/")
    assert "no such object" in error(f"{address}/none.csv", "-o", "x.csv")
    assert "no such object" in error(f"{address}/none/*.csv", "-o", "x/")
    assert "so its files would be inputs too" in error(f"{address}/in/", "-o", f"{address}/in")
    assert "is the input" in error(f"{address}/in/a.csv", "-o", f"{address}/in/a.csv")
    assert "expected" in error(f"{address}/../a.csv", "-o", "x.csv")
    assert "no address as the others" in error(f"{address}/in/", "in/", "-o", "x/")


def test_a_store_that_does_not_answer_is_one_line(error, address, monkeypatch):
    nowhere = "http://127.0.0.1:9"
    for name in ("AWS_ENDPOINT_URL", "STORAGE_EMULATOR_HOST"):
        monkeypatch.setenv(name, nowhere)
    monkeypatch.setattr("treernn.stores._RETRY", 1.0)
    _filesystem.cache_clear()
    try:
        assert "onnect" in error(f"{address}/in/", "-o", "x/")
    finally:
        _filesystem.cache_clear()


@pytest.mark.slow
def test_killed_at_random_moments(score, small_model, address):
    Path("in").mkdir()
    for number in range(12):
        table(Path(f"in/{number}.csv"), 200)
    table(Path("in/large.csv"), 15_000)
    put(Path("in"), f"{address}/in")
    assert score("in", "-o", "out", "--jobs", 1)[0] == 0
    expected = on_disk(Path("out"))
    command = [f"{address}/in", "-o", f"{address}/out/", "--resume", "--parser", "right"]
    kills = 0
    for number in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "treernn", "score", "--model", small_model, *command],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started = place(f"{address}/out/_treernn/job.json")
        while process.poll() is None and not started.exists():
            time.sleep(0.05)
        time.sleep(2 + 3 * number / KILLS)
        process.kill()
        process.communicate()
        kills += process.returncode != 0
        for name, data in content(f"{address}/out").items():
            assert data == expected[name], name  # whole
    assert kills
    status, _, said = score(*command[:4], "--jobs", 1)
    assert (status, said[-14:]) == (0, "17,400 rows scored\n"[-14:])
    same_bytes(content(f"{address}/out"), expected)


@pytest.mark.slow
def test_on_a_ray_cluster(score, address):
    pytest.importorskip("ray")
    put(files(Path("in")), f"{address}/in")
    shutil.rmtree("in")
    options = ("--engine", "ray", "--jobs", "1")
    assert score(f"{address}/in", "-o", "one")[0] == 1
    status, _, said = score(f"{address}/in", "-o", f"{address}/out/", *options)
    assert status == 1
    assert "5 files, 92 rows scored; 1 file could not be scored" in said
    same_bytes(content(f"{address}/out"), on_disk(Path("one")))
    _, _, said = score(f"{address}/in", "-o", f"{address}/out/", *options, "--resume")
    assert "5 files (5 of them earlier)" in said

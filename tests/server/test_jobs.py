"""``/api/jobs``: a file is scored as ``treernn score`` scores it."""

import csv
import io
import json
import os
import signal
import time
import zipfile

import psutil
import pytest
from serving import serving

from treernn.cli.main import main

CSV = 'id,review\n1,A great film.\n2,\n3,"It isn\'t good, ""really"""\n'


def upload(server, content, **options):
    return server.client.post("/api/jobs", content=content, params=options)


def finished(server, job):
    """The job when it is no longer in work."""
    deadline = time.monotonic() + 120
    while (now := server.client.get(f"/api/jobs/{job['id']}").json())["state"] in (
        "waiting",
        "running",
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return now


@pytest.fixture(scope="module")
def scored(server):
    answer = upload(server, CSV.encode(), name="films of 2020.csv", column="review")
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/jobs/{answer.json()['id']}"
    return finished(server, answer.json())


def test_a_file_is_scored(server, scored, tmp_path, monkeypatch):
    assert {name: scored[name] for name in ("name", "state", "rows", "failed", "fraction")} == {
        "name": "films of 2020.csv",
        "state": "done",
        "rows": 3,
        "failed": 1,
        "fraction": 1.0,
    }
    answer = server.client.get(scored["result"])
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''films%20of%202020-scored.csv"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    source, out = tmp_path / "films.csv", tmp_path / "scored.csv"
    source.write_text(CSV)
    arguments = ["treernn", "score", str(source), "--column", "review", "-o", str(out)]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit):
        main()
    assert answer.content == out.read_bytes()


@pytest.mark.slow
def test_formats_and_options(server):
    options = {"name": "a.txt", "output": "jsonl", "level": "sentence", "explain": "true"}
    job = finished(server, upload(server, b"Good. Bad.\nSo so\n", **options).json())
    lines = server.client.get(job["result"]).text.splitlines()
    found = [json.loads(line) for line in lines]
    assert [each["text"] for each in found] == ["Good.", "Bad.", "So so"]
    assert all("explanation" in each for each in found)
    options = {"name": "a.csv", "output": "jsonl", "classes": "3"}
    job = finished(server, upload(server, b"text,stars\ngood,1\n", **options).json())
    row = json.loads(server.client.get(job["result"]).text)
    assert (row["label"], len(row["probabilities"]), row["stars"]) == ("positive", 3, "1")
    assert row["score"] > 0
    job = finished(server, upload(server, b'[{"text": "good"}]', input="json").json())
    [row] = server.client.get(job["result"]).json()
    assert row["label"] == "positive"
    job = finished(server, upload(server, b"text\ngood\n", name="a.csv", output="excel").json())
    content = server.client.get(job["result"]).content
    assert zipfile.is_zipfile(io.BytesIO(content))


def test_files_that_cannot_be_scored(server):
    for content, options, error in [
        (b"a,b\n1,2\n", {"name": "x.csv"}, "x.csv: no column text, its columns are a, b"),
        (b"text\ngood\n", {"name": "x.csv", "encoding": "nonesuch"}, ""),
        (b"\x1f\x8bjunk", {"name": "x.csv.gz"}, "x.csv.gz: "),
        (os.urandom(5_000), {"name": "../../x.parquet"}, "x.parquet: "),
    ]:
        job = finished(server, upload(server, content, **options).json())
        assert job["state"] == "failed", (options, job)
        assert job["error"].startswith(error), job
        assert "treernn-jobs" not in job["error"]
        answer = server.client.get(f"/api/jobs/{job['id']}/result")
        assert (answer.status_code, "the job failed: " in answer.json()["error"]) == (409, True)


def test_what_is_wrong_is_said_before_the_upload(server):
    for options, error in [
        ({}, "the format of the file is unknown; give name=reviews.csv, or input="),
        ({"name": "a.doc"}, "the format of the file is unknown"),
        ({"name": "a.csv", "output": "pdf"}, 'output is "pdf", expected csv or '),
        ({"name": "a.csv", "model": "large"}, 'model is "large"'),
        ({"name": "a.csv", "delimiter": "ab"}, "the delimiter is 'ab', expected one character"),
        ({"name": "a.csv", "level": "phrase", "explain": "true"}, "a phrase has no explanation"),
        ({"name": "a.csv", "colum": "a"}, "unknown option colum"),
        ({"name": "a.csv", "classes": "4"}, 'classes is "4", expected 5, 3 or 2'),
    ]:
        answer = upload(server, b"text\na\n", **options)
        assert answer.status_code == 400, options
        assert error in answer.json()["error"]
    for path in ("/api/jobs/none", "/api/jobs/none/result", "/api/jobs/..%2fx"):
        assert server.client.get(path).status_code == 404


def folders():
    import tempfile
    from pathlib import Path

    return {each.name for each in Path(tempfile.gettempdir()).glob("treernn-jobs-*")}


@pytest.mark.slow
def test_jobs_end_with_their_process_and_with_the_server():
    before = folders()
    with serving() as server:
        assert folders() <= before
        text = "The film, which is not bad, has a good story and a great cast. " * 40
        rows = io.StringIO()
        csv.writer(rows).writerows([["text"], *([text] for _ in range(2_000))])
        job = upload(server, rows.getvalue().encode(), name="long.csv").json()
        second = upload(server, rows.getvalue().encode(), name="long.csv").json()
        assert len(folders() - before) == 1
        deadline = time.monotonic() + 60
        while server.client.get(f"/api/jobs/{job['id']}").json()["rows"] == 0:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert server.client.get(f"/api/jobs/{second['id']}").json()["state"] == "waiting"
        assert server.client.get(f"/api/jobs/{job['id']}/result").status_code == 409
        assert server.post("/api/score", {"text": "good"}).status_code == 200  # meanwhile
        assert server.client.delete(f"/api/jobs/{second['id']}").status_code == 204
        assert server.client.get(f"/api/jobs/{second['id']}").status_code == 404
        children = psutil.Process(server.process.pid).children()
        [scoring] = [each for each in children if "job_process" in " ".join(each.cmdline())]
        os.kill(scoring.pid, signal.SIGKILL)
        lost = finished(server, job)
        assert (lost["state"], "has died; upload it again" in lost["error"]) == ("failed", True)
        running = upload(server, rows.getvalue().encode(), name="long.csv").json()
        while server.client.get(f"/api/jobs/{running['id']}").json()["state"] == "waiting":
            time.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        out, err = server.process.communicate(timeout=60)
        assert (server.process.returncode, out, err) == (0, "", "")
    assert folders() <= before

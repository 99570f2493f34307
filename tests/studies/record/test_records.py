"""Records: their files, which counts are falls, and which speeds are slower."""

import json
import subprocess
from dataclasses import asdict, replace

import pytest

from treernn.errors import DataError
from treernn.studies.record import records
from treernn.studies.record.accuracy import Count
from treernn.studies.record.records import (
    EARLIER,
    SLOWER,
    Record,
    current_commit,
    falls,
    read_records,
    slower,
    write_record,
)

COUNT = Count("small", "sentences", right=90, of=100, near=0)
RECORD = Record(
    date="2026-11-29T08:15:00+00:00",
    commit="1a2b3c",
    version="0.1.0",
    machine={"cpu": "a", "instructions": "b"},
    accuracy=(COUNT, Count("parser", "brackets", 5, 9, 0)),
    speed={"trees": 0.5, "chains": 2.0},
)


def test_files(tmp_path):
    assert read_records(tmp_path / "none") == []
    later = replace(RECORD, date="2026-11-30T08:15:00+00:00", commit=None)
    for record in (later, RECORD):
        write_record(record, tmp_path / "records")
    assert read_records(tmp_path / "records") == [RECORD, later]
    names = ["2026-11-29T081500-1a2b3c.json", "2026-11-30T081500-0.1.0.json"]
    assert sorted(path.name for path in (tmp_path / "records").iterdir()) == names


@pytest.mark.parametrize("text", ["{}", "[]", '{"accuracy": [1]}', '{"accuracy": [], "x": 1}', "{"])
def test_files_of_others(text, tmp_path):
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(DataError, match=r"record\.json"):
        read_records(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [("machine", None), ("speed", {"trees": "1"}), ("speed", []), ("date", 5)]
    + [("accuracy", [{**asdict(COUNT), key: value}]) for key, value in [("right", "9"), ("of", 0)]],
)
def test_values_of_another_kind(key, value, tmp_path):
    (tmp_path / "record.json").write_text(json.dumps({**RECORD.to_dict(), key: value}))
    with pytest.raises(DataError, match=r"record\.json: is no record of this treernn"):
        read_records(tmp_path)


@pytest.mark.parametrize(
    ("right", "near", "fell"), [(91, 0, 0), (90, 0, 0), (89, 0, 1), (89, 1, 0)]
)
def test_falls(right, near, fell):
    now = [replace(COUNT, right=right, near=near), Count("new", "sentences", 1, 100, 0)]
    assert len(falls(now, [RECORD])) == fell
    assert falls(now, []) == []


def test_the_last_record_that_has_a_count_is_compared():
    lower = replace(RECORD, accuracy=(replace(COUNT, right=80),))
    other = replace(RECORD, accuracy=())
    now = [replace(COUNT, right=85)]
    assert falls(now, [RECORD, lower, other]) == []
    [line] = falls(now, [lower, RECORD, other])
    assert line == "small, sentences: 85 of 100 right, 90 before; rounding can change 0"


def test_other_sets_are_not_compared():
    [line] = falls([replace(COUNT, right=99, of=101)], [RECORD])
    assert "record it anew" in line


def test_slower():
    slow = replace(RECORD, speed={"trees": 0.99 * SLOWER * 0.5, "chains": 2.0, "new": 1.0})
    assert slower(slow, []) == []
    [line] = slower(slow, [RECORD])
    assert line == "trees: 0.40 of its reference, 0.50 before"
    assert slower(replace(slow, machine={"cpu": "another"}), [RECORD]) == []
    fast = replace(RECORD, speed={"trees": 5.0})
    assert len(slower(slow, [fast, *[RECORD] * EARLIER])) == 1
    assert slower(slow, [RECORD, *[slow] * EARLIER]) == []


def test_commit(monkeypatch, tmp_path):
    module = tmp_path / "treernn" / "studies" / "record" / "records.py"
    monkeypatch.setattr(records, "__file__", str(module))
    assert current_commit() is None
    git = ("git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@b")
    try:
        subprocess.run([*git, "init", "-q"], check=True)
    except FileNotFoundError:
        pytest.skip("no git")
    (tmp_path / "file").write_text("1")
    subprocess.run([*git, "add", "file"], check=True)
    subprocess.run([*git, "commit", "-qm", "a"], check=True)
    subprocess.run([*git, "tag", "v1"], check=True)
    commit = current_commit()
    assert len(commit) == 12
    (tmp_path / "file").write_text("2")
    assert current_commit() == f"{commit}-dirty"

"""Records and their files."""

import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from one_record import COUNT, RECORD

from treernn.errors import DataError
from treernn.studies.record import records
from treernn.studies.record.records import (
    FORMAT,
    current_commit,
    read_records,
    write_record,
)


def test_files(tmp_path):
    assert read_records(tmp_path / "none") == []
    later = replace(RECORD, date="2026-11-30T08:15:00+00:00", commit=None)
    for record in (later, RECORD):
        write_record(record, tmp_path / "records")
    assert read_records(tmp_path / "records") == [RECORD, later]
    names = ["2026-11-29T081500-1a2b3c.json", "2026-11-30T081500-0.1.0.json"]
    assert sorted(path.name for path in (tmp_path / "records").iterdir()) == names


def refused(tmp_path, content):
    """What is said of such a file: one line, which names it."""
    (tmp_path / "record.json").write_text(
        content if isinstance(content, str) else json.dumps(content)
    )
    with pytest.raises(DataError) as raised:
        read_records(tmp_path)
    where, _, said = str(raised.value).partition(f"{tmp_path / 'record.json'}: ")
    assert where == ""
    return said


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": 1}', '["accuracy"]', "1"])
def test_files_of_others(text, tmp_path):
    assert refused(tmp_path, text) == "no record of treernn bench all"


def test_a_damaged_file(tmp_path):
    assert "not JSON" in refused(tmp_path, "{")


def without(values, name):
    return {key: value for key, value in values.items() if key != name}


COUNT_OF_FILE = asdict(COUNT)


@pytest.mark.parametrize(
    "values",
    [without(RECORD.to_dict(), name) for name in asdict(RECORD) if name != "accuracy"]
    + [{"accuracy": [without(COUNT_OF_FILE, name)]} for name in COUNT_OF_FILE]
    + [
        {"accuracy": [{**COUNT_OF_FILE, **wrong}]}
        for wrong in (
            {"right": "9"},
            {"right": -1},
            {"near": 0.5},
            {"of": 0},
            {"of": True},
            {"set": 1},
            {"model": None},
        )
    ]
    + [{"accuracy": wrong} for wrong in (1, [1], None)]
    + [{"speed": wrong} for wrong in ({"a": "1"}, {"a": 0}, {"a": -1.0}, {"a": True}, [], None)]
    + [{"machine": None}, {"machine": []}, {"date": 5}, {"version": None}, {"commit": 5}],
)
def test_values_that_are_missing_or_wrong(values, tmp_path):
    whole = values if "format" in values else {**RECORD.to_dict(), **values}
    said = refused(tmp_path, whole)
    assert said == "no record of treernn bench all, a value is missing or wrong"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (None, "has no format version, this treernn reads format 1"),
        (0, "has format 0, this treernn reads format 1"),
        (2, "has format 2, written by a newer treernn; "),
    ],
)
def test_other_formats(number, said, tmp_path):
    values = {
        **without(RECORD.to_dict(), "format"),
        **({} if number is None else {"format": number}),
    }
    assert refused(tmp_path, values).startswith(said)


def test_values_that_a_newer_treernn_adds_are_left_out(tmp_path):
    counts = [{**asdict(count), "more": 1} for count in RECORD.accuracy]
    values = {**RECORD.to_dict(), "accuracy": counts, "more": {}}
    (tmp_path / "record.json").write_text(json.dumps(values))
    assert read_records(tmp_path) == [RECORD]


def test_kept_files_of_each_format():
    """See docs/compatibility.md. They are never written again; a new format gets a file beside
    them."""
    stored = Path(__file__).parent / "formats"
    for file in stored.glob("record-*"):
        assert read_records(file) == [RECORD]
    assert (stored / f"record-{FORMAT}").is_dir()


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
    (tmp_path / "lib").mkdir()  # installed in the repository of something else
    installed = tmp_path / "lib" / module.relative_to(tmp_path)
    monkeypatch.setattr(records, "__file__", str(installed))
    assert current_commit() is None

import json
import re
import sys
from pathlib import Path

import pytest

from treernn.errors import DataError, InputError, MissingPackageError
from treernn.studies.reproduction.report import about, markdown
from treernn.studies.reproduction.summary import summarise
from treernn.studies.reproduction.write import check_folder, read_runs, write_report


def test_the_report_and_its_pictures_are_written(results):
    out, _ = results
    _, path = write_report(out, "treernn reproduce --rows 'a<b'")
    assert path == out / "report.md"
    text = path.read_text("utf-8")
    assert "`treernn reproduce --rows 'a<b'`" in text
    assert sorted(path.name for path in out.iterdir()) == [
        "confusion.svg", "learning.svg", "length.svg", "report.md", "runs",
    ]  # fmt: skip
    assert re.findall(r"\]\((.*)\)$", text, re.M) == ["length.svg", "learning.svg", "confusion.svg"]


def test_the_same_runs_give_the_same_report(results):
    out, _ = results
    for path in (out / "runs").glob("[!l]*"):
        path.unlink()
    first = b""
    for _ in range(2):
        write_report(out)
        found = (out / "report.md").read_bytes()
        first = first or found
        assert found == first


def test_no_runs(tmp_path):
    with pytest.raises(InputError, match="runs: no runs in it; treernn reproduce makes them"):
        write_report(tmp_path)


def test_what_killed_runs_left_is_passed_over(results):
    out, runs = results
    (out / "runs" / ".rnn-five-seed1.json.0a1b2c3d.part").write_text("{")
    (out / "runs" / ".hidden.json").write_text("{")
    assert len(read_runs(out)[0]) == len(runs)


def test_what_killed_runs_left_is_swept_away(results):
    out, _ = results
    left = [
        out / "runs" / ".rnn-five-seed1.json.0a1b2c3d.part",
        *(out / f".{name}.0a1b2c3d.part" for name in ("report.md", "length.svg")),
    ]
    for path in (*left, out / ".mine.part"):
        path.write_text("{")
    write_report(out)
    assert [path.name for path in (*out.glob(".*"), *(out / "runs").glob(".*"))] == [".mine.part"]


def test_a_folder_that_can_be_written_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("", "new", "new/in/new", str(tmp_path), str(tmp_path / "new")):
        check_folder(Path(name))
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "in" / "it"):
        with pytest.raises(InputError, match=f"^{tmp_path}/file: a file; --out names a folder$"):
            check_folder(path)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match=f"^{tmp_path}: cannot be written to; choose another"):
        check_folder(tmp_path / "new")


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda text: text[: len(text) // 2], r":1:\d+: no JSON"),
        (lambda _: "", ":1:1: no JSON"),
        (lambda _: "[" * 100_000, ": cannot be read|: no JSON"),
        (lambda _: "[]", ": the file is not as in the file of a run"),
        (lambda text: text.replace('"seed"', '"sed"', 1), ": 'seed' is not as in"),
        (lambda text: text.replace('"five"', '"fife"'), ": 'five' is not as in|holds the run"),
        (lambda text: text.replace('"cpu"', '"gpu"'), ": 'cpu' is not as in"),
        (lambda text: text.replace('"dev_all": ', '"dev_all": "no", "x": ', 1), ": 'dev_all' is"),
        (lambda text: text.replace('"seed": 2', '"seed": 7'), ": holds the run rnn-five-seed7, no"),
        (lambda text: text.replace('"quick": false', '"quick": null'), ": 'quick' is not as in"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named(results, damage, problem):
    out, _ = results
    path = out / "runs" / "rnn-five-seed2.json"
    path.write_text(damage(path.read_text("utf-8")), "utf-8")
    with pytest.raises(DataError, match=problem) as error:
        write_report(out)
    message = str(error.value)
    assert message.startswith(str(path))
    assert message.endswith("remove the file to run it again")
    assert "\n" not in message
    assert not (out / "report.md").exists()


def test_bytes_that_are_no_text(results):
    out, _ = results
    path = out / "runs" / "rnn-five-seed2.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"seed2\.json: cannot be read"):
        write_report(out)


def places(value, at=()):
    """The way to everything in a JSON value."""
    parts = (
        value.items() if isinstance(value, dict)
        else list(enumerate(value))[:1] if isinstance(value, list) else ()
    )  # fmt: skip
    for key, part in parts:
        yield (*at, key)
        yield from places(part, (*at, key))


@pytest.mark.parametrize("bad", ["text", None, [], {}, True])
def test_whatever_stands_anywhere_the_report_or_one_line(made, tmp_path, bad):
    """Every value of a run's file in turn is another: no failure but the one line."""
    path = tmp_path / "runs" / "rnn-five-seed1.json"
    path.parent.mkdir()
    original = json.dumps(made("rnn"))
    told = []
    for way in places(json.loads(original)):
        found = json.loads(original)
        inner = found
        for key in way[:-1]:
            inner = inner[key]
        inner[way[-1]] = bad
        path.write_text(json.dumps(found), "utf-8")
        try:
            runs, day = read_runs(tmp_path)
        except DataError as error:
            told.append(str(error))
        else:
            markdown(summarise(runs), about(runs, "treernn reproduce", day))
    assert len(told) > 20
    assert all(line.startswith(str(path)) for line in told)


@pytest.mark.parametrize("library", ["matplotlib", "scipy"])
def test_what_is_not_installed_is_said(results, library, monkeypatch):
    out, _ = results
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingPackageError) as error:
        write_report(out)
    assert str(error.value) == f"{library} is not installed: pip install 'treernn[reproduction]'"

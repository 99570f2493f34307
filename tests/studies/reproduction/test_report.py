import re
import sys
from io import StringIO

import pytest
from rich.console import Console

from treernn.errors import MissingPackageError
from treernn.studies.reproduction.report import terminal_table, write_report
from treernn.studies.reproduction.summary import summarise


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
    reports = []
    for _ in range(2):
        write_report(out)
        reports.append((out / "report.md").read_bytes())
    assert reports[0] == reports[1]


def test_temporary_files_of_killed_runs_are_removed(results):
    out, _ = results
    left = [
        out / "runs" / ".rnn-five-seed1.json.0a1b2c3d.part",
        *(out / f".{name}.0a1b2c3d.part" for name in ("report.md", "length.svg")),
    ]
    for path in (*left, out / ".mine.part"):
        path.write_text("{")
    write_report(out)
    assert [path.name for path in (*out.glob(".*"), *(out / "runs").glob(".*"))] == [".mine.part"]


@pytest.mark.parametrize("library", ["matplotlib", "scipy"])
def test_a_missing_package_is_one_error_line(results, library, monkeypatch):
    out, _ = results
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingPackageError) as error:
        write_report(out)
    assert str(error.value) == f"{library} is not installed: pip install 'treernn[reproduction]'"


def test_the_terminal_shows_the_rows_that_were_run(records):
    rows = summarise(records)
    console = Console(width=180, file=StringIO())
    console.print(terminal_table(rows))
    lines = [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in console.file.getvalue().splitlines()
        if line.startswith("│")
    ]
    assert [line[0] for line in lines] == [row.name for row in rows if row.records]
    tuned = next(row for row in rows if row.name == "constituency-tuned")
    line = next(line for line in lines if line[0] == tuned.name)
    assert line[3].startswith(f"{tuned.mean('five', 'root_five')} (")
    assert line[-1] == tuned.minutes("five")

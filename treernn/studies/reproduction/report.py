"""The report of all runs: files, and a table for the terminal."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from treernn.files import atomic_write, remove_temporary
from treernn.optional import require
from treernn.studies.reproduction import plots
from treernn.studies.reproduction.markdown import markdown
from treernn.studies.reproduction.records import read_records
from treernn.studies.reproduction.summary import HEADINGS, RowSummary, summarise


def write_report(out: Path, command: str = "treernn reproduce") -> tuple[Table, Path]:
    """Write the report of the runs in ``out``, each file atomically.

    Args:
        out: folder of ``runs/``; gets ``report.md`` and its pictures.
        command: the command that made the runs, for the report.

    Returns:
        A table for the terminal, and the path of the report.

    Raises:
        InputError: there are no runs, or a file cannot be written.
        DataError: the file of a run is damaged.
        MissingPackageError: matplotlib or SciPy is not installed.
    """
    check_installed()
    by_path = read_records(out)
    records = list(by_path.values())
    newest = max(path.stat().st_mtime for path in by_path)
    day = datetime.datetime.fromtimestamp(newest, datetime.UTC).date().isoformat()
    pictures = plots.draw(records, out)
    path = out / "report.md"
    with atomic_write(path) as fresh:
        fresh.write_text(markdown(records, command, day, pictures), "utf-8")
    for written in (path, *(out / name for name in pictures), *by_path):
        remove_temporary(written)
    return terminal_table(summarise(records)), path


def check_installed() -> None:
    """Raise a MissingPackageError if the report cannot be made, before hours of training."""
    for name in ("matplotlib", "scipy"):
        require(name, extra="reproduction")


def terminal_table(rows: Sequence[RowSummary]) -> Table:
    """The rows that were run, with the difference from the published accuracies."""
    table = Table(caption="test set, %; in brackets the difference from the published one, points")
    for heading in ("row", "seeds"):
        table.add_column(heading)
    done = [row for row in rows if row.records]
    columns = [column for column in HEADINGS if any(row.values(*column) for row in done)]
    headings = (HEADINGS[column].replace(", ", "\n") for column in columns)
    for heading in (*headings, "minutes\nper run"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in done:
        figures = (row.with_difference(*column) for column in columns)
        table.add_row(row.name, row.seeds, *figures, row.minutes(next(iter(row.records))))
    return table

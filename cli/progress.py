"""What people at a terminal see of a job: a progress bar, and where its results are."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from treernn.cli.failures import report


class Scored(Protocol):
    """Rows that are scored."""

    @property
    def rows(self) -> int:
        """How many."""
        ...

    @property
    def earlier(self) -> bool:
        """Whether an earlier run has scored them."""
        ...

    @property
    def fraction(self) -> float:
        """That of all rows up to now, 0 to 1."""
        ...


Part = TypeVar("Part", bound=Scored)


def with_progress(parts: Iterable[Part]) -> Iterator[Part]:
    """Show a progress bar, rows per second and the remaining time."""
    from rich import progress as bars
    from rich.console import Console

    speed = bars.TextColumn("{task.fields[rows]:,} scored, {task.fields[speed]:,.0f}/s")
    columns = (bars.BarColumn(), bars.TaskProgressColumn(), speed, bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0, rows=0, speed=0.0)
        rows = scored = 0
        for part in parts:
            rows += part.rows
            if part.earlier:  # does not count for the speed
                progress.reset(task)
            else:
                scored += part.rows
            seconds = progress.tasks[0].elapsed or 0
            speed_now = scored / seconds if seconds else 0.0
            progress.update(task, completed=part.fraction, rows=rows, speed=speed_now)
            yield part


def tell_where(rows: int, out: object) -> None:
    """Say how many rows were scored into a file, on a terminal; a script is told by the status."""
    if sys.stderr.isatty():
        report(f"{rows:,} {'row' if rows == 1 else 'rows'} scored, see {out}")

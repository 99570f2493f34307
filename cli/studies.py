"""What the commands that run for hours and those that print reports share."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from treernn.studies.benchmarks.common import Report


def comma_separated(text: str) -> tuple[str, ...]:
    """The parts of an option's value."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


@contextmanager
def resumable() -> Iterator[None]:
    """On Ctrl-C, print that the same command resumes."""
    try:
        yield
    except KeyboardInterrupt:
        message = "stopped; the same command resumes after the last complete epoch"
        print(f"treernn: {message}", file=sys.stderr)
        raise typer.Exit(130) from None


def print_report(report: Report, as_json: bool) -> None:
    """Print the table of a report, or its values as JSON."""
    if as_json:
        print(json.dumps(report.values, indent=1))
    else:
        print_table(report.table)


def print_table(table: Table) -> None:
    """Print a table; into a file at its full width."""
    from rich.console import Console

    console = Console()
    (console if console.is_terminal else Console(width=180)).print(table)

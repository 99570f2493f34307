"""Measure everything that is recorded at a commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from os import PathLike

from rich.console import Group
from rich.table import Table

import treernn
from treernn.corpora import sst
from treernn.studies.machine import machine
from treernn.studies.record.accuracy import available_models, counts
from treernn.studies.record.records import Record, current_commit
from treernn.studies.record.speed import ratios
from treernn.studies.report import Report, table


def measure(
    source: str | PathLike[str] | None = None, progress: Callable[[str], None] = lambda _: None
) -> Record:
    """The record of the present state: right answers of all models that can be loaded without a
    download, then speeds.

    Args:
        source: the treebank; see ``treernn.corpora.sst.load``.
        progress: is told what is measured next.

    Raises:
        MissingDataError: the treebank is missing.
    """
    commit = current_commit()  # before files of the clone can change
    parts = sst.load_splits(source)
    models = available_models()
    progress(f"right answers: parser, {', '.join(models)}")
    accuracy = tuple(counts(models, parts.dev))
    progress("speed")
    return Record(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit,
        version=treernn.__version__,
        machine=machine(),
        accuracy=accuracy,
        speed=ratios(parts.train, parts.test),
    )


def report(record: Record) -> Report:
    """A record for the terminal and for JSON."""
    return Report(record.to_dict(), Group(_accuracy(record), "", _speed(record)))


def _accuracy(record: Record) -> Table:
    shown = table({}, ("model", "answers", "right", "of", "%"), left_aligned=2)
    for count in record.accuracy:
        percent = f"{100 * count.right / count.of:.2f}"
        shown.add_row(count.model, count.set, f"{count.right:,}", f"{count.of:,}", percent)
    return shown


def _speed(record: Record) -> Table:
    shown = table(record.machine, ("speed", "of its reference"))
    for name, ratio in record.speed.items():
        shown.add_row(name, f"{ratio:.2f}")
    return shown

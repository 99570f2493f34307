"""Records: what was measured at one commit, a JSON file for each; and how the last one compares."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from treernn import strict_json
from treernn.errors import DataError
from treernn.files import atomic_write
from treernn.studies.record.accuracy import Count

SLOWER = 0.8
"""A speed is reported below this share of the median of earlier ones: on a busy machine the ratios
of two runs differ by up to a sixth."""

EARLIER = 10
"""So many earlier records, of the same processor."""


@dataclass(frozen=True, slots=True)
class Record:
    """What was measured at one commit.

    Attributes:
        date: in UTC, such as ``2026-11-29T08:15:00+00:00``.
        commit: such as ``1a2b3c4d5e6f``, with ``-dirty`` if files of it were changed; None outside
            of a clone.
        version: of treernn.
        machine: see ``treernn.studies.machine``.
        accuracy: right answers.
        speed: ratios, see ``treernn.studies.record.speed``.
    """

    date: str
    commit: str | None
    version: str
    machine: Mapping[str, Any]
    accuracy: tuple[Count, ...]
    speed: Mapping[str, float]

    @property
    def name(self) -> str:
        """Of its file; by name, files are in the order of their dates."""
        at = self.date[:19].replace(":", "")
        return f"{at}-{self.commit or self.version}.json"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def current_commit() -> str | None:
    """The commit of the clone that this package is imported from."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:  # its own folder, and a program that a clone was made with
        done = subprocess.run([*command, "--exclude=*"], capture_output=True, text=True)  # noqa: S603
    except OSError:
        return None
    return done.stdout.strip() or None


def write_record(record: Record, folder: str | os.PathLike[str]) -> Path:
    """Write a record into a folder; the path of its file.

    Raises:
        InputError: it cannot be written.
    """
    path = Path(folder) / record.name
    with atomic_write(path) as fresh:
        fresh.write_text(strict_json.dumps(record.to_dict(), indent=1) + "\n", "utf-8")
    return path


def read_records(folder: str | os.PathLike[str]) -> list[Record]:
    """The records of a folder, the oldest first; none if there is no folder.

    Raises:
        DataError: a file is no record.
    """
    return [_read(path) for path in sorted(Path(folder).glob("*.json"))]


def _read(path: Path) -> Record:
    values = strict_json.read(path)
    try:
        accuracy = tuple(Count(**count) for count in values.pop("accuracy"))
        record = Record(**values, accuracy=accuracy)
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise DataError(f"{path}: is no record of this treernn ({error})") from None
    counts = [number for each in accuracy for number in (each.right, each.of, each.near)]
    speeds = record.speed.values() if isinstance(record.speed, dict) else [None]
    if (
        any(type(number) is not int or number < 0 for number in counts)
        or not all(each.of for each in accuracy)
        or not all(isinstance(ratio, int | float) for ratio in speeds)
        or not isinstance(record.machine, dict)
        or not isinstance(record.date, str)
    ):
        raise DataError(f"{path}: is no record of this treernn, a value is of another kind")
    return record


def falls(counts: Iterable[Count], earlier: Sequence[Record]) -> list[str]:
    """A line for each count that is below that of the last record, by more than rounding changes.

    Args:
        counts: the present ones; those that no record has are not compared.
        earlier: the oldest first.
    """
    last = {(old.model, old.set): old for record in earlier for old in record.accuracy}
    lines = []
    for now in counts:
        old = last.get((now.model, now.set), now)
        what = f"{now.model}, {now.set}"
        if now.of != old.of:
            lines.append(f"{what}: a set of {now.of} answers, {old.of} before; record it anew")
        elif now.right + now.near < old.right:
            lines.append(
                f"{what}: {now.right} of {now.of} right, {old.right} before; rounding can change "
                f"{now.near}"
            )
    return lines


def slower(record: Record, earlier: Sequence[Record]) -> list[str]:
    """A line for each speed below ``SLOWER`` times the median of the ``EARLIER`` last records of
    the same processor.

    Args:
        record: the new one.
        earlier: the oldest first.
    """
    alike = [old for old in earlier if _processor(old) == _processor(record)][-EARLIER:]
    lines = []
    for name, ratio in record.speed.items():
        before = [old.speed[name] for old in alike if name in old.speed]
        if before and ratio < SLOWER * (usual := statistics.median(before)):
            lines.append(f"{name}: {ratio:.2f} of its reference, {usual:.2f} before")
    return lines


def _processor(record: Record) -> tuple[Any, Any]:
    return record.machine.get("cpu"), record.machine.get("instructions")

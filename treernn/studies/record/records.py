"""Records: what was measured at one commit, a JSON file for each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from treernn import strict_json
from treernn.errors import DataError
from treernn.files import atomic_write
from treernn.formats import check_format
from treernn.studies.record.accuracy import Count

FORMAT = 1
"""Of the files, see ``treernn.formats``."""

Value = TypeVar("Value")


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
        """The content of its file."""
        return {"format": FORMAT, **asdict(self)}


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
    if not isinstance(values, dict) or "accuracy" not in values:
        raise DataError("no record of treernn bench all", path)
    check_format(values.get("format"), FORMAT, path, DataError)
    try:
        accuracy = tuple(_of(Count, count) for count in values["accuracy"])
        record = _of(Record, {**values, "accuracy": accuracy})
    except (TypeError, KeyError):
        record = None
    if record is None or not _is_sound(record):
        raise DataError("no record of treernn bench all, a value is missing or wrong", path)
    return record


def _is_sound(record: Record) -> bool:
    """Whether the values of a file are of the right kinds."""
    counts = record.accuracy
    names = [record.date, record.version, record.commit or ""]
    names += [name for each in counts for name in (each.model, each.set)]
    numbers = [number for each in counts for number in (each.right, each.of, each.near)]
    return (
        all(isinstance(name, str) for name in names)
        and all(type(number) is int and number >= 0 for number in numbers)
        and all(each.of for each in counts)
        and isinstance(record.speed, dict)
        and all(type(ratio) in (int, float) and ratio > 0 for ratio in record.speed.values())
        and isinstance(record.machine, dict)
    )


def _of(kind: type[Value], values: Mapping[str, Any]) -> Value:
    """A dataclass from plain values; those that only a newer treernn knows are left out."""
    return kind(**{each.name: values[each.name] for each in fields(kind)})  # type: ignore[arg-type]

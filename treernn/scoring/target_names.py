"""Which target each row of a table has: one for all rows, or that of a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from treernn.errors import InputError
from treernn.tables.names import find_column


@dataclass(frozen=True, slots=True)
class TargetNames:
    """Which target each row of a table has.

    Attributes:
        term: the same words in all rows.
        column: the name of the column with the words; either this or ``term`` is None.
    """

    term: str | None = None
    column: str | None = None

    def of(self, values: Mapping[str, Any]) -> str:
        """The words of a row; empty if it has none."""
        found = self.term if self.column is None else values.get(self.column)
        return found.strip() if isinstance(found, str) else ""


def target_names(term: str | None, column: str | None) -> TargetNames | None:
    """What ``--target`` and ``--target-column`` ask for.

    Raises:
        InputError: they are both given, or the target has no words.
    """
    if term is not None and column is not None:
        raise InputError("--target and --target-column are two ways to say it, give one of them")
    if term is not None and not term.strip():
        raise InputError("--target is empty, expected words of the text")
    return None if term is None and column is None else TargetNames(term, column)


def of_table(names: TargetNames, columns: Sequence[str] | None, table: str) -> TargetNames:
    """The same with the column as it is written in the table.

    Raises:
        InputError: there is no such column.
    """
    if names.column is None or columns is None:
        return names
    found = find_column(columns, names.column)
    if found is None:
        there = ", ".join(columns)
        raise InputError(f"{table}: no column {names.column} for --target-column, it has {there}")
    return replace(names, column=found)

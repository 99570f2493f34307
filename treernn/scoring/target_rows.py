"""The sentiment toward a target in each row of a table: one for all rows, or that of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from treernn.checks import brief
from treernn.errors import InputError
from treernn.scoring.entries import Detail
from treernn.scoring.rows import Scored
from treernn.scoring.target import TargetNames
from treernn.tables.names import find_column

if TYPE_CHECKING:
    from treernn.scoring.scorer import Scorer


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


def with_targets(scorer: Scorer, scored: Scored, detail: Detail) -> Scored:
    """Scored rows with the sentiment toward the target of each, if any is asked for.

    A row whose text does not mention it has none, and a note that says so.
    """
    if detail.targets is None:
        return scored
    from treernn.scoring.targets import spans_within, strongest

    terms = [detail.targets.of(values) for values, _, _ in scored.rows()]
    rows = [
        (index, result, spans_within(result, term) if term else [])
        for index, (result, term) in enumerate(zip(scored.results, terms, strict=True))
        if result is not None
    ]
    asked = [row for row in rows if row[2]]
    found = scorer.targets([row[1] for row in asked], [row[2] for row in asked])
    targets = dict(zip((row[0] for row in asked), map(strongest, found), strict=True))
    notes = {
        index: f"no mention of {brief(terms[index])}" if terms[index] else "no target"
        for index, _, spans in rows
        if not spans
    }
    return replace(scored, targets=targets, notes=notes)

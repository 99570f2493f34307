"""Accuracy by construction, and how much the class depends on the group that a text mentions."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from treernn.errors import InputError
from treernn.evaluation.constructions import ConstructionAccuracy, construction_accuracy
from treernn.evaluation.groups import GroupChange, group_change
from treernn.evaluation.plain import to_plain
from treernn.printing import shown
from treernn.scoring.scorer import load
from treernn.studies.report import Report, table
from treernn.views.terminal import number

TEXTS = 40
"""Of each construction."""

WORDINGS = 2
"""Of each pattern and each kind of groups."""


def bench(
    models: Sequence[str | os.PathLike[str]] = ("small",),
    count: int = TEXTS,
    seed: int = 0,
    device: str = "cpu",
    precision: str = "float32",
) -> Report:
    """Evaluate models on constructions and groups, with patterns that are kept out of training.

    Args:
        models: see ``treernn.load``.
        count: how many texts of each construction.
        seed: of the texts.
        device, precision: where and in which type they run, as for ``treernn.load``.

    Returns:
        Of one model an object: ``model``; ``constructions``, see ``ConstructionAccuracy``; and
        ``groups``, see ``GroupChange``. Of several models a list of such objects.

    Raises:
        ModelError: there is no such model.
        InputError: there is no model.
    """
    names = [*dict.fromkeys(os.fspath(model) for model in models)]
    if not names:
        raise InputError("no model to measure, name one")
    # First, to find a wrong name before the wait.
    scorers = [load(name, device, precision=precision) for name in names]
    accuracies = [construction_accuracy(each.score_many, count, seed) for each in scorers]
    changes = [group_change(each.score_many, WORDINGS, seed) for each in scorers]
    values = [
        {"model": name, "constructions": to_plain(one, ".2f"), "groups": to_plain(other, ".2f")}
        for name, one, other in zip(names, accuracies, changes, strict=True)
    ]
    tables = Group(_constructions(names, accuracies), "", _groups(names, changes))
    return Report(values[0] if len(values) == 1 else values, tables)


def _constructions(names: Sequence[str], found: Sequence[Sequence[ConstructionAccuracy]]) -> Table:
    titles = ("construction", "model", "texts", "correct", "contrasts", "correct contrasts")
    caption = {"figures": "in %, of negative, neutral or positive"}
    lines = [
        [
            (row.name, f"{row.cases}", row.correct, f"{row.contrast_cases}", row.contrast_correct)
            for row in rows
        ]
        for rows in found
    ]
    return _table(table(caption, titles, 2), names, lines)


def _groups(names: Sequence[str], found: Sequence[Sequence[GroupChange]]) -> Table:
    titles = (
        "groups",
        "model",
        "sentences",
        "changed",
        "changed (five classes)",
        "wordings",
        "wordings changed",
        "shifted most",
        "shift",
        "95 % interval",
    )
    caption = {
        "changed": "in %, whose class is not that of most groups in the same wording",
        "shift": "of P(positive) - P(negative), -1 to 1, from the mean of all groups",
    }
    lines = [
        [
            (
                row.kind,
                *(f"{row.cases}", row.changed, row.changed_five),
                *(f"{row.wordings}", row.wordings_changed),
                *(row.shifted_most, f"{row.shift:+.2f}"),
                "{:+.2f} to {:+.2f}".format(*row.shift_interval),
            )
            for row in rows
        ]
        for rows in found
    ]
    return _table(table(caption, titles, 2), names, lines)


def _table(
    empty: Table, names: Sequence[str], lines: Sequence[Sequence[tuple[str | float, ...]]]
) -> Table:
    """For each first cell a line for each model."""
    for rows in zip(*lines, strict=True):
        for name, (title, *figures) in zip(names, rows, strict=True):
            cells = (each if isinstance(each, str) else number(each) for each in figures)
            first = name == names[0]
            empty.add_row(
                str(title) if first else "",
                Text(shown(name)),
                *cells,
                end_section=title == "all" and name == names[-1],
            )
    return empty

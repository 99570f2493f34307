"""Accuracy by construction, and how much the class depends on the group that a text mentions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from treernn.evaluation.constructions import ConstructionAccuracy, construction_accuracy
from treernn.evaluation.groups import GroupChange, group_change
from treernn.evaluation.plain import to_plain
from treernn.printing import shown
from treernn.scoring.scorer import load
from treernn.studies.benchmarks.common import Report, table

TEXTS = 40
"""Of each construction."""

WORDINGS = 2
"""Of each pattern and each kind of groups."""


def bench(
    models: Sequence[str | os.PathLike[str]] = ("small",), count: int = TEXTS, seed: int = 0
) -> Report:
    """Evaluate models on constructions and groups, from patterns kept out of training.

    Args:
        models: see ``treernn.load``.
        count: how many texts of each construction.
        seed: of the texts.

    Returns:
        Of one model an object: ``model``, ``constructions``, see ``ConstructionAccuracy``, and
        ``groups``, see ``GroupChange``. Of several models a list of such objects.

    Raises:
        ModelError: a model cannot be loaded.
    """
    names = [os.fspath(model) for model in models]
    by_construction, by_group = [], []
    for model in models:
        score = load(model).score_many
        by_construction.append(construction_accuracy(score, count, seed))
        by_group.append(group_change(score, WORDINGS, seed))
    values = [
        {"model": name, "constructions": to_plain(one, ".2f"), "groups": to_plain(other, ".2f")}
        for name, one, other in zip(names, by_construction, by_group, strict=True)
    ]
    tables = Group(_constructions(names, by_construction), _groups(names, by_group))
    return Report(values[0] if len(values) == 1 else values, tables)

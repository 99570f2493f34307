"""Accuracy and confusion as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table

from treernn.evaluation.accuracy import Evaluation
from treernn.evaluation.target_accuracy import TargetAccuracy
from treernn.evaluation.texts import TextAccuracy
from treernn.types import LABELS
from treernn.views.terminal import heading, new_table, number


def accuracy_tables(
    evaluation: Evaluation, metadata: Mapping[str, Any], roots_only: bool = False
) -> Group:
    """Accuracy at the roots, at all nodes and by phrase length, and confusion at the roots.

    Args:
        evaluation: the values.
        metadata: names and values for the title, such as model and data.
        roots_only: only roots have labels.
    """
    rows = [("roots", evaluation.root)]
    if not roots_only:
        rows.append(("all nodes", evaluation.all))
        for low, high, accuracy in evaluation.by_length:
            words = f"{low} to {high} words" if low < high else f"{low} word{'s' * (high > 1)}"
            rows.append((words, accuracy))
    table = new_table(heading(metadata), ("", "five classes", "binary", "phrases"))
    for name, accuracy in rows:
        percentages = (number(value, unit=" %") for value in (accuracy.five, accuracy.binary))
        table.add_row(name, *percentages, f"{accuracy.count:,}")
    confusion = new_table("roots: gold (rows) and predicted (columns)", ("", *LABELS))
    for label, counts in zip(LABELS, evaluation.confusion, strict=True):
        confusion.add_row(label, *map(str, counts))
    return Group(table, confusion)


def text_tables(found: TextAccuracy, metadata: Mapping[str, Any]) -> Group:
    """Accuracy on texts, how well each class is found, and confusion.

    Args:
        found: the values.
        metadata: names and values for the title.
    """
    table = new_table(heading(metadata), ("", "accuracy", "macro F1", "texts"))
    count = {2: "two", 3: "three", 5: "five"}[len(found.classes)]
    whole = (number(value, unit=" %") for value in (found.accuracy, found.macro_f1))
    table.add_row(f"{count} classes", *whole, f"{found.count:,}")
    table.add_row("binary", number(found.binary, unit=" %"), "", f"{found.count_binary:,}")
    classes = new_table("each class", ("", "precision", "recall", "F1", "texts"))
    for name, each in found.classes.items():
        values = (number(value, unit=" %") for value in (each.precision, each.recall, each.f1))
        classes.add_row(name, *values, f"{each.count:,}")
    confusion = new_table("gold (rows) and predicted (columns)", ("", *found.classes))
    for name, counts in zip(found.classes, found.confusion, strict=True):
        confusion.add_row(name, *map(str, counts))
    return Group(table, classes, confusion)


def target_table(rows: Mapping[str, TargetAccuracy], metadata: Mapping[str, Any]) -> Table:
    """The sentiment toward targets.

    Args:
        rows: see ``compare_targets``.
        metadata: names and values for the title.
    """
    first = next(iter(rows.values()))
    columns = ("read at", "accuracy", "macro F1", *(f"recall: {name}" for name in first.recall))
    table = new_table(heading(metadata), columns)
    for name, row in rows.items():
        values = (row.accuracy, row.macro_f1, *row.recall.values())
        table.add_row(name, *(number(value, unit=" %") for value in values))
    rest = ("",) * (len(columns) - 2)
    table.add_row("most frequent class", number(first.most_frequent, unit=" %"), *rest)
    return table

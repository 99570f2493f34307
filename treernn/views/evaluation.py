"""An evaluation to read, and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from treernn.evaluation.accuracy import Accuracy, Evaluation
from treernn.types import LABELS


def as_dict(found: Evaluation, all_nodes: bool = True) -> dict[str, Any]:
    """Plain values: accuracies ``root.five``, ``root.binary``, ``all.five`` and ``all.binary`` in
    per cent, None where nothing counts; how many each counts; the confusion of the roots (rows
    gold, columns predicted); and accuracy by phrase length.

    Args:
        found: what was measured.
        all_nodes: False where roots alone had labels.
    """
    result: dict[str, Any] = {"root": _plain(found.root)}
    if all_nodes:
        result["all"] = _plain(found.all)
    result["confusion"] = [list(row) for row in found.confusion]
    if all_nodes:
        result["by_length"] = [
            {"from": low, "to": high, **_plain(accuracy)} for low, high, accuracy in found.by_length
        ]
    return result


def _plain(accuracy: Accuracy) -> dict[str, float | int | None]:
    return {
        "five": round(accuracy.five, 2) if accuracy.count else None,
        "binary": round(accuracy.binary, 2) if accuracy.count_binary else None,
        "count": accuracy.count,
        "count_binary": accuracy.count_binary,
    }


def table(found: Evaluation, about: Mapping[str, Any], all_nodes: bool = True) -> RenderableType:
    """Tables for a terminal; arguments as of ``as_dict``, and what was measured on what."""
    title = "   ".join(f"{name}: {value}" for name, value in about.items())
    main = Table(title=title, title_justify="left")
    for column in ("", "five classes", "binary", "phrases"):
        main.add_column(column, justify="right" if column else "left")
    rows = [("roots", found.root)]
    if all_nodes:
        rows.append(("all nodes", found.all))
        rows += [
            (f"{low} word{'s' * (high > 1)}" if low == high else f"{low} to {high} words", accuracy)
            for low, high, accuracy in found.by_length
        ]
    for name, accuracy in rows:
        main.add_row(name, _shown(accuracy.five), _shown(accuracy.binary), f"{accuracy.count:,}")
    confusion = Table(title="roots: gold (rows) and predicted (columns)", title_justify="left")
    confusion.add_column("")
    for label in LABELS:
        confusion.add_column(label, justify="right")
    for label, row in zip(LABELS, found.confusion, strict=True):
        confusion.add_row(label, *map(str, row))
    return Group(main, confusion)


def _shown(per_cent: float) -> str:
    return "–" if isnan(per_cent) else f"{per_cent:.1f} %"

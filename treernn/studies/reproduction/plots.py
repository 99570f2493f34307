"""Pictures of the runs: accuracy by phrase length, learning curves, confusion at the roots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from treernn.studies.reproduction.records import Record
from treernn.types import LABELS
from treernn.views.figures import (
    INK,
    ON_DARK,
    ON_LIGHT,
    PALETTE,
    PAPER,
    legend_above,
    new_figure,
    save_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Mapping[str, Sequence[Record]]

_CAPTIONS = {
    "length.svg": "Accuracy on the test phrases by their length, mean over the seeds.",
    "learning.svg": "Five-class dev accuracy by epoch: thin lines are seeds, thick lines their "
    "means, as far as all seeds were trained.",
    "confusion.svg": "Test sentences of each gold class by predicted class, % of the gold class, "
    "all seeds together.",
}

# The rows that are drawn, one per colour; without any of them the first rows.
_SHOWN = ("constituency-tuned", "bilstm", "lstm", "rntn", "rnn", "vecavg", "binb")
_MOST = len(PALETTE)
# The confusion is drawn of the first row that was run, of trees and of chains.
_CONFUSED = (("constituency-tuned", "constituency-fixed"), ("bilstm", "lstm"))
_MARKERS = ("o", "s", "^", "D", "v", "P")


def draw(records: Sequence[Record], out: Path) -> dict[str, str]:
    """Draw the pictures that there are figures for, of the five-class models.

    Args:
        records: of runs.
        out: folder of the pictures.

    Returns:
        The caption of each picture by its file name.

    Raises:
        InputError: a file cannot be written.
        MissingPackageError: matplotlib is not installed.
    """
    by_row: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: record.run.seed):
        if record.run.task == "five":
            by_row.setdefault(record.run.row, []).append(record)
    names = [name for name in _SHOWN if name in by_row] or sorted(by_row)
    shown = {name: by_row[name] for name in names[:_MOST]}
    trained = {name: by_row[name] for name in shown if all(one.curves for one in by_row[name])}
    chosen = [next((name for name in names if name in by_row), None) for names in _CONFUSED]
    confused = {name: by_row[name] for name in chosen if name}
    pictures: dict[str, tuple[Callable[[Rows], Figure], Rows]] = {
        "length.svg": (by_length, shown),
        "learning.svg": (learning_curves, trained),
        "confusion.svg": (confusion, confused),
    }
    drawn = {name: figure(rows) for name, (figure, rows) in pictures.items() if rows}
    for name, figure in drawn.items():
        save_figure(figure, out / name)
    return {name: _CAPTIONS[name] for name in drawn}


def by_length(rows: Rows) -> Figure:
    """Five-class and binary accuracy by phrase length, one line per row."""
    figure, panels = _panels(("five classes", "binary, five-class model"))
    lengths = sorted(
        {
            (length.low, length.high)
            for records in rows.values()
            for record in records
            for length in record.lengths
        }
    )
    # The last group ends with the longest phrase, which differs between kinds of trees.
    names = {low: str(low) if low == high else f"{low}–{high}" for low, high in lengths}
    for axes, kind in zip(panels, ("five", "binary"), strict=True):
        for number, (row, records) in enumerate(rows.items()):
            values: dict[int, list[float]] = {low: [] for low in names}
            for length in (length for record in records for length in record.lengths):
                if (accuracy := getattr(length, kind)) is not None:
                    values[length.low].append(accuracy)
            means = [(x, fmean(seeds)) for x, seeds in enumerate(values.values()) if seeds]
            axes.plot(*zip(*means, strict=True), label=row, **_line(number))
        # Groups at equal distances, however many lengths they hold.
        axes.set_xticks(range(len(names)), list(names.values()), rotation=45, ha="right")
        axes.set_xlabel("words in the phrase")
    _finish(figure, panels)
    return figure


def learning_curves(rows: Rows) -> Figure:
    """Dev accuracy by epoch, at the roots and at all nodes."""
    figure, panels = _panels(("dev roots", "all dev nodes"))
    for axes, name in zip(panels, ("dev_root", "dev_all"), strict=True):
        for number, (row, records) in enumerate(rows.items()):
            curves = [record.curves[name] for record in records]
            for curve in curves if len(curves) > 1 else ():
                x = range(1, len(curve) + 1)
                axes.plot(x, curve, color=PALETTE[number], lw=0.6, alpha=0.35)
            mean = [fmean(values) for values in zip(*curves, strict=False)]
            style = _line(number) | {"markevery": max(1, len(mean) // 8)}
            axes.plot(range(1, len(mean) + 1), mean, label=row, **style)
        axes.set_xlabel("epoch")
        axes.locator_params(axis="x", integer=True)
    _finish(figure, panels)
    return figure


def confusion(rows: Rows) -> Figure:
    """One panel per row: gold classes down, predicted ones across, % of the gold class."""
    figure = new_figure(5.2 * len(rows), 4.6, layout="compressed")
    panels = figure.subplots(1, len(rows), squeeze=False)[0]
    for axes, (row, records) in zip(panels, rows.items(), strict=True):
        counts = np.sum([record.confusion for record in records], axis=0)
        percentages = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
        # Shapes rather than an image, which would be pixels also in SVG.
        axes.pcolormesh(percentages, cmap="Blues", vmin=0, vmax=100, edgecolors=PAPER, lw=1.5)
        for (gold, predicted), value in np.ndenumerate(percentages):
            colour = ON_DARK if value > 60 else ON_LIGHT
            place = predicted + 0.5, gold + 0.5
            axes.text(*place, f"{value:.0f} %", ha="center", va="center", color=colour)
        centers = np.arange(5) + 0.5
        axes.set_xticks(centers, LABELS, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_yticks(centers, LABELS)
        axes.set_ylim(5, 0)
        axes.set_aspect("equal")
        axes.set_title(row, color=INK)
        axes.set_xlabel("predicted class", color=INK)
        axes.tick_params(colors=INK, length=0)
        axes.spines[:].set_visible(False)
    panels[0].set_ylabel("gold class: each row adds up to 100 %", color=INK)
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    return figure


def _panels(titles: Sequence[str]) -> tuple[Figure, Sequence[Axes]]:
    figure = new_figure(10, 4.4)
    panels = figure.subplots(1, len(titles))
    for axes, title in zip(panels, titles, strict=True):
        axes.set_title(title, color=INK)
    return figure, panels


def _line(number: int) -> dict[str, Any]:
    return {"color": PALETTE[number], "marker": _MARKERS[number], "markersize": 4.5, "lw": 1.8}


def _finish(figure: Figure, panels: Sequence[Axes]) -> None:
    """Style, and one legend above the panels."""
    for axes in panels:
        style_axes(axes)
    panels[0].set_ylabel("accuracy, %", color=INK)
    legend_above(figure, panels[0], columns=6)

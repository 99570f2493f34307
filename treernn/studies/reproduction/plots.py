"""Pictures of the runs: accuracy by phrase length, learning curves, confusion of the roots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from treernn.types import LABELS
from treernn.views.figures import new_figure, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Run = Mapping[str, Any]

# Lines of a picture: the first that were run, as many as can be told apart.
_SHOWN = ("constituency-tuned", "bilstm", "lstm", "rntn", "rnn", "vecavg", "binb")
_MOST = 6
# One tree and one chain.
_CONFUSED = (("constituency-tuned", "constituency-fixed"), ("bilstm", "lstm"))
# Okabe and Ito's colours, told apart by the colour-blind; yellow, pale on white, is left out.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#000000")
_MARKS = ("o", "s", "^", "D", "v", "P")
_INK, _GREY = "#1f2933", "#8a96a3"


def pictures(runs: Sequence[Run], out: Path) -> list[tuple[str, str]]:
    """Draw what the runs have figures for.

    Args:
        runs: as ``runs.run`` gives them; those of five classes are drawn.
        out: folder of the pictures.

    Returns:
        For each picture its file name and what is to be seen on it.

    Raises:
        InputError: matplotlib is not installed, or a file cannot be written.
    """
    by_row: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run["seed"]):
        if run["task"] == "five":
            by_row.setdefault(run["row"], []).append(run)
    names = [name for name in _SHOWN if name in by_row] or sorted(by_row)
    shown = {name: by_row[name] for name in names[:_MOST]}
    learnt = {name: each for name, each in shown.items() if all(_epochs(run) for run in each)}
    confused = [next((name for name in names if name in by_row), None) for names in _CONFUSED]
    whole = {name: by_row[name] for name in confused if name is not None}
    found = []
    for name, rows, draw, seen in (
        (
            "length.svg",
            shown,
            by_length,
            "Accuracy on the test phrases by their length, mean over the seeds.",
        ),
        (
            "learning.svg",
            learnt,
            learning_curves,
            "Accuracy on the dev part by epoch, five classes: every seed thin, their mean thick, "
            "as far as all seeds went.",
        ),
        (
            "confusion.svg",
            whole,
            confusion,
            "Test sentences of each gold class by what was predicted, per cent of the class, all "
            "seeds together.",
        ),
    ):
        if rows:
            save_figure(draw(rows), out / name)
            found.append((name, seen))
    return found


def _epochs(run: Run) -> bool:
    """Whether its history is one of epochs, not of strengths of regularisation."""
    return any("epoch" in line for line in run["history"])


def by_length(rows: Mapping[str, Sequence[Run]]) -> Figure:
    """A line a row, five classes and binary, test phrases by number of words."""
    figure = new_figure(10, 4.4)
    panels = figure.subplots(1, 2)
    groups = sorted(
        {(each["from"], each["to"]) for runs in rows.values() for each in _groups(runs[0])}
    )
    # The last group ends with the longest phrase, which is not the same in every kind of tree.
    names = {low: str(low) if low == high else f"{low}–{high}" for low, high in groups}
    place = {low: number for number, low in enumerate(names)}
    for axes, classes, title in zip(
        panels, ("five", "binary"), ("five classes", "binary, five-class model"), strict=True
    ):
        for number, (row, runs) in enumerate(rows.items()):
            means = _mean_by_length(runs, classes)
            x = [place[low] for low in means]
            axes.plot(x, list(means.values()), label=row, **_style(number))
        # Groups, not numbers: as far from each other, however many lengths they hold.
        axes.set_xticks(range(len(names)), list(names.values()), rotation=45, ha="right")
        axes.set_title(title)
        axes.set_xlabel("words in the phrase")
        _plain(axes)
    panels[0].set_ylabel("accuracy, per cent")
    _legend(figure, panels[0])
    return figure


def _groups(run: Run) -> Sequence[Mapping[str, Any]]:
    return run["test"].get("by_length", ())


def _mean_by_length(runs: Sequence[Run], classes: str) -> dict[int, float]:
    """The mean over the seeds, by the least number of words of a group."""
    values: dict[int, list[float]] = {}
    for run in runs:
        for group in _groups(run):
            if group[classes] is not None:
                values.setdefault(group["from"], []).append(group[classes])
    return {low: fmean(found) for low, found in sorted(values.items())}


def learning_curves(rows: Mapping[str, Sequence[Run]]) -> Figure:
    """Accuracy on the dev part by epoch, at the roots and at all nodes."""
    figure = new_figure(10, 4.2)
    panels = figure.subplots(1, 2)
    for axes, key, title in zip(
        panels, ("dev_root", "dev_all"), ("dev roots", "all dev nodes"), strict=True
    ):
        for number, (row, runs) in enumerate(rows.items()):
            curves = [[epoch[key] for epoch in run["history"]] for run in runs]
            if len(curves) > 1:
                for curve in curves:
                    axes.plot(
                        range(1, len(curve) + 1), curve, color=_COLOURS[number], lw=0.6, alpha=0.35
                    )
            shortest = min(map(len, curves))
            mean = np.mean([curve[:shortest] for curve in curves], axis=0)
            style = _style(number) | {"markevery": max(1, shortest // 8)}
            axes.plot(range(1, shortest + 1), mean, label=row, **style)
        axes.set_title(title)
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        _plain(axes)
    panels[0].set_ylabel("accuracy, per cent")
    _legend(figure, panels[0])
    return figure


def confusion(rows: Mapping[str, Sequence[Run]]) -> Figure:
    """A panel a row: gold classes down, predicted ones across, per cent of the gold class."""
    figure = new_figure(5.2 * len(rows), 4.6)
    panels = figure.subplots(1, len(rows), squeeze=False)[0]
    for axes, (row, runs) in zip(panels, rows.items(), strict=True):
        counts = np.sum([run["test"]["confusion"] for run in runs], axis=0)
        shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
        for (gold, predicted), share in np.ndenumerate(shares):
            colour = "white" if share > 68 else _INK
            axes.text(predicted, gold, f"{share:.0f}", ha="center", va="center", color=colour)
        places = range(len(LABELS))
        axes.set_xticks(places, LABELS, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_yticks(places, LABELS)
        axes.set_title(row)
        axes.set_xlabel("predicted")
        axes.tick_params(colors=_INK, length=0)
        axes.spines[:].set_visible(False)
    panels[0].set_ylabel("gold")
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    return figure


def _style(number: int) -> dict[str, Any]:
    return {
        "color": _COLOURS[number],
        "marker": _MARKS[number],
        "markersize": 4.5,
        "lw": 1.8,
    }


def _plain(axes: Axes) -> None:
    axes.grid(color="#e3e7eb", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_GREY)
    axes.tick_params(colors=_INK)


def _legend(figure: Figure, axes: Axes) -> None:
    """Beside the panels, once for all of them."""
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right center", frameon=False)

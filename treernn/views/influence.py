"""The influence of words, for the terminal and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from treernn.evaluation.influence import FIVE, Influence, Point, Summary
from treernn.types import LABELS
from treernn.views.tree import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAR = 24
_SHOWN = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40)
_COLOURS = ("#0b5c94", "#c4560f", "#00755a", "#8c3a78", "#6e6000", "#4b4b9b")
_DASHES = ("-", "--", "-.", ":")
_INK, _GREY = "#1f2933", "#8a96a3"
_LEAST_SHOWN = 1e-4


def words(name: str, text: Influence) -> Table:
    """A line a word: its share of the influence as a bar, and its distance."""
    table = Table(
        title=f"{name}: {LABELS[text.label]}", title_justify="left", title_style="bold", box=None
    )
    table.add_column("word")
    table.add_column("distance", justify="right")
    table.add_column("share", justify="right")
    table.add_column("")
    shares = text.shares
    largest = shares.max()
    for word, distance, share in zip(text.words, text.distances, shares, strict=True):
        strong = share / largest
        style = "bold #c4560f" if strong > 2 / 3 else "#c98a3c" if strong > 1 / 3 else "dim"
        bar = "━" * round(_BAR * strong)
        table.add_row(Text(printable(word), style), str(distance), f"{share:.1%}", Text(bar, style))
    return table


def corpus(found: Sequence[Summary]) -> Table:
    """A column a model: what is left at each distance, then what sums it up."""
    table = Table(title=f"Influence left, {found[0].texts} texts", title_style="bold")
    table.add_column("distance in the model's graph")
    for each in found:
        table.add_column(each.name, justify="right")
    left = [{point.distance: point.relative for point in each.by_distance} for each in found]
    for distance in _SHOWN:
        if any(distance in each for each in left):
            cells = (f"{each[distance]:.2g}" if distance in each else "" for each in left)
            table.add_row(str(distance), *cells)
    table.add_section()
    table.add_row("half is left at", *(_halved(each) for each in found))
    table.add_row(f"share of the first {FIVE} words", *(f"{each.first:.1%}" for each in found))
    table.add_row(f"share of the last {FIVE} words", *(f"{each.last:.1%}" for each in found))
    table.add_row("  if all words were alike", *(f"{each.even:.1%}" for each in found))
    return table


def _halved(each: Summary) -> str:
    return "-" if each.halved is None else str(each.halved)


def figure(found: Sequence[Summary]) -> Figure:
    """What is left by distance in each model's own graph, and by place in the text."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.1), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _panel(left, [(each.name, each.by_distance) for each in found])
    left.set_xlabel("edges between word and output\n(steps of a chain, depth in a tree)")
    left.set_ylabel("norm of the gradient, relative")
    _panel(right, [(each.name, each.by_place) for each in found])
    right.set_xlabel("words from the end of the text\n")
    right.legend(frameon=False, fontsize=10, labelcolor=_INK)
    for label in left.xaxis.label, left.yaxis.label, right.xaxis.label:
        label.set_color(_INK)
    return figure


def _panel(axes: Axes, curves: Sequence[tuple[str, Sequence[Point]]]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    for number, (name, points) in enumerate(curves):
        axes.plot(
            [point.distance for point in points],
            [max(point.relative, _LEAST_SHOWN) for point in points],
            color=_COLOURS[number % len(_COLOURS)],
            ls=_DASHES[number // len(_COLOURS) % len(_DASHES)],
            marker="o",
            markersize=3,
            lw=1.8,
            label=name,
        )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(color="#e3e7eb", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_GREY)
    axes.tick_params(colors=_INK, which="both")

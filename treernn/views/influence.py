"""The influence of words: tables for a text and for a corpus, and a figure of the decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from treernn.evaluation.influence import EDGE_WORDS, CorpusInfluence, DecayPoint, TextInfluence
from treernn.printing import printable
from treernn.types import LABELS
from treernn.views.figures import ORANGE, PALETTE, legend_above, new_figure, style_axes
from treernn.views.terminal import new_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAR_WIDTH = 24
_DISTANCES = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40)
_DASHES = ("-", "--", "-.", ":")
_MIN_PLOTTED = 1e-4


def text_table(name: str, text: TextInfluence) -> Table:
    """For each word its distance and its fraction of the influence."""
    title = Text(printable(f"{name}: {LABELS[text.label]}"), "bold")
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("word")
    table.add_column("distance", justify="right")
    table.add_column("influence", justify="right")
    table.add_column("")
    largest = text.fractions.max()
    for word, distance, fraction in zip(text.words, text.distances, text.fractions, strict=True):
        relative = fraction / largest
        style = f"bold {ORANGE}" if relative > 2 / 3 else "#c98a3c" if relative > 1 / 3 else "dim"
        bar = "━" * round(_BAR_WIDTH * relative)
        row = (Text(printable(word), style), str(distance), f"{fraction:.1%}", Text(bar, style))
        table.add_row(*row)
    return table


def corpus_table(models: Sequence[CorpusInfluence]) -> Table:
    """A column for each model: influence by distance, then the summary."""
    columns = ("distance in the model's graph", *(model.name for model in models))
    table = new_table(f"Relative influence, {models[0].texts} texts", columns)
    curves = [{point.distance: point.relative for point in model.by_distance} for model in models]
    for distance in _DISTANCES:
        if any(distance in curve for curve in curves):
            cells = (f"{curve[distance]:.2g}" if distance in curve else "" for curve in curves)
            table.add_row(str(distance), *cells)
    table.add_section()
    halves = (model.half_distance for model in models)
    table.add_row("halved at", *("–" if half is None else str(half) for half in halves))
    for label, attribute in (
        (f"first {EDGE_WORDS} words", "first_words"),
        (f"last {EDGE_WORDS} words", "last_words"),
        ("  if all words were equal", "uniform"),
    ):
        table.add_row(label, *(f"{getattr(model, attribute):.1%}" for model in models))
    return table


def influence_figure(models: Sequence[CorpusInfluence]) -> Figure:
    """Decay with the distance in each model's graph, and with the words that follow."""
    figure = new_figure(10, 4.4)
    left, right = figure.subplots(1, 2, sharey=True)
    _plot(left, [(model.name, model.by_distance) for model in models])
    left.set_xlabel("edges between word and output\n(steps of a chain, depth in a tree)")
    left.set_ylabel("gradient norm, relative")
    _plot(right, [(model.name, model.by_words_after) for model in models])
    right.set_xlabel("words from the end of the text\n")
    legend_above(figure, left)
    return figure


def _plot(axes: Axes, curves: Sequence[tuple[str, Sequence[DecayPoint]]]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    for i, (name, points) in enumerate(curves):
        axes.plot(
            [point.distance for point in points],
            [max(point.relative, _MIN_PLOTTED) for point in points],
            color=PALETTE[i % len(PALETTE)],
            ls=_DASHES[i // len(PALETTE) % len(_DASHES)],
            marker="o",
            markersize=3,
            lw=1.8,
            label=name,
        )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    style_axes(axes)

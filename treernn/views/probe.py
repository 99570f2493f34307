"""The analyses of a model: tables, and the reliability diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from treernn.evaluation.calibration import Calibration, Reliability
from treernn.evaluation.ngrams import TOP, Ngram, Ngrams
from treernn.evaluation.probe import Probe
from treernn.evaluation.published import CONTRAST, NEGATED_NEGATIVE, NEGATED_POSITIVE
from treernn.printing import printable
from treernn.views.accuracy import accuracy_tables
from treernn.views.figures import BLUE, GREY, ORANGE, legend_above, new_figure, style_axes
from treernn.views.terminal import heading, new_table, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PUBLISHED_MODELS = tuple(CONTRAST)
_SHOWN_PHRASES = 5
_FEW = 20


def probe_tables(probe: Probe, metadata: Mapping[str, str]) -> Group:
    """All results; ``metadata`` has names and values for the title, such as model and data."""
    return Group(
        _published_table(probe, heading(metadata)),
        _contrast_table(probe),
        _negation_table(probe),
        _ngrams_table(probe.ngrams),
        _calibration_table(probe.calibration),
        accuracy_tables(probe.accuracy, {"accuracy": "% correct"}),
    )


def _published_table(probe: Probe, title: str) -> Table:
    """The model next to the figures of Socher et al. (2013)."""
    table = new_table(title, ("% of cases", "cases", "this model", *_PUBLISHED_MODELS))

    def add(name: str, cases: int, value: float, published: Mapping[str, float]) -> None:
        figures = (number(published[model]) if published else "" for model in _PUBLISHED_MODELS)
        table.add_row(name, f"{cases:,}", number(value), *figures)

    sentences, clauses = probe.but_sentences, probe.but_clauses
    add("X but Y: all three correct", sentences.cases, sentences.correct, CONTRAST)
    add("  of five classes", sentences.cases, sentences.correct_five, {})
    add("  clauses", clauses.cases, clauses.correct, {})
    add("  clauses, of five", clauses.cases, clauses.correct_five, {})
    sources = (("treebank", probe.treebank_negation), ("templates", probe.template_negation))
    table.add_row("negated positive: flipped", "", "", *map(number, NEGATED_POSITIVE.values()))
    for source, negation in sources:
        scores = negation.negated_positive
        add(f"  {source}", scores.cases, scores.flipped, {})
    table.add_row("negated negative: + rises", "", "", *map(number, NEGATED_NEGATIVE.values()))
    for label, attribute in (("", "opposite_rises"), ("− falls, ", "own_falls")):
        for source, negation in sources:
            scores = negation.negated_negative
            add(f"  {label}{source}", scores.cases, getattr(scores, attribute), {})
    return table


def _contrast_table(probe: Probe) -> Table:
    results = (probe.but_sentences, probe.but_clauses)
    names = [f"{kind}, {of}" for kind in ("sentences", "clauses") for of in ("gold", "model")]
    table = new_table("X but Y: the clause and its parts", ("", *names))
    for name, attribute in (("X", "x"), ("Y", "y"), ("joint node", "joint")):
        values = [number(getattr(result, attribute)) for result in results]
        table.add_row(f"{name} correct, %", "", values[0], "", values[1])
    relations = [relation for result in results for relation in (result.gold, result.model)]
    for name, attribute, float_format in (
        ("polarity of X, %", "same_as_x", ".1f"),
        ("polarity of Y, %", "same_as_y", ".1f"),
        ("weight of X", "weight_x", ".2f"),
        ("weight of Y", "weight_y", ".2f"),
    ):
        values = [number(getattr(relation, attribute), float_format) for relation in relations]
        table.add_row(name, *values)
    return table


def _negation_table(probe: Probe) -> Table:
    table = new_table(
        "Negation: % of cases; mean change of probabilities and of the expected class",
        ("negated", "phrase correct", "flipped", "own falls", "opp. rises", "Δ+", "Δ−", "Δ class"),
    )
    for source, negation in (
        ("treebank", probe.treebank_negation),
        ("templates", probe.template_negation),
    ):
        for sign, scores in (("+", negation.negated_positive), ("−", negation.negated_negative)):
            rates = (scores.phrase_correct, scores.flipped, scores.own_falls, scores.opposite_rises)
            deltas = (scores.delta_positive, scores.delta_negative, scores.delta_class)
            changes = (number(delta, "+.2f") for delta in deltas)
            table.add_row(f"{sign} {source}", *map(number, rates), *changes)
    return table


def _ngrams_table(lengths: Sequence[Ngrams]) -> Table:
    table = Table(title="Strongest phrases", title_justify="left")
    table.add_column("words", justify="right")
    for name in "most positive", "most negative":
        table.add_column(name, ratio=1)
    table.add_column(f"gold of {TOP}", justify="right", no_wrap=True)
    for ngrams in lengths:
        gold = f"{number(ngrams.gold_positive)} / {number(ngrams.gold_negative)}"
        phrases = (_phrases(ngrams.positive), _phrases(ngrams.negative))
        table.add_row(str(ngrams.length), *phrases, gold)
    return table


def _phrases(ngrams: Sequence[Ngram]) -> Text:
    return Text("\n".join(printable(ngram.text) for ngram in ngrams[:_SHOWN_PHRASES]))


def _calibration_table(calibration: Calibration) -> Table:
    table = new_table(
        f"Calibration: temperature {calibration.temperature:.3f} fitted on the dev part (on its "
        f"roots {calibration.root_temperature:.3f}); the model has "
        f"{calibration.model_temperature:.3f}",
        ("", "phrases", "ECE, %, at 1", "scaled", "NLL at 1", "scaled"),
    )
    for name, before, after in _before_and_after(calibration):
        errors = (number(item.ece, ".2f") for item in (before, after))
        losses = (number(item.nll, ".3f") for item in (before, after))
        table.add_row(name, f"{before.count:,}", *errors, *losses)
    return table


def _before_and_after(calibration: Calibration) -> list[tuple[str, Reliability, Reliability]]:
    return [
        ("roots", calibration.roots_before, calibration.roots_after),
        ("all nodes", calibration.all_before, calibration.all_after),
    ]


def reliability_figure(calibration: Calibration) -> Figure:
    """The reliability diagram: accuracy by confidence, before and after temperature scaling.

    A bin is a point with the 95 % interval of its accuracy (Wilson 1927, "Probable Inference, the
    Law of Succession, and Statistical Inference"). The area of a point is proportional to the
    number of its phrases. Bins with fewer than ``_FEW`` phrases say nothing and are left out.
    """
    figure = new_figure(9, 5.4, layout="compressed")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (name, before, after) in zip(panels, _before_and_after(calibration), strict=True):
        axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls="--", label="perfect calibration")
        _plot_bins(axes, before, ORANGE, "temperature 1")
        _plot_bins(axes, after, BLUE, f"temperature {calibration.temperature:.2f}")
        errors = f"ECE {number(before.ece)} % and {number(after.ece)} %"
        axes.set_title(f"{name}: {before.count:,} phrases, {errors}", fontsize=11)
        axes.set_xlabel("confidence: probability of the predicted class")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_aspect("equal")
        style_axes(axes)
    panels[0].set_ylabel("accuracy, five classes")
    legend_above(figure, panels[0])
    note = f"bars: 95 % intervals; area of a point: number of phrases; bins under {_FEW} left out"
    figure.supxlabel(note, fontsize=9.5, color=GREY)
    return figure


def _plot_bins(axes: Axes, reliability: Reliability, color: str, name: str) -> None:
    bins = [item for item in reliability.bins if item.count >= _FEW]
    x, y = [item.confidence for item in bins], [item.accuracy for item in bins]
    axes.plot(x, y, color=color, lw=1.4, label=name)
    intervals = [_interval(item.accuracy, item.count) for item in bins]
    for place, (low, high) in zip(x, intervals, strict=True):
        axes.plot([place, place], [low, high], color=color, lw=1.2, alpha=0.6)
    areas = [8 + 250 * item.count / reliability.count for item in bins]
    axes.scatter(x, y, areas, color=color, alpha=0.75, linewidths=0, clip_on=False)


def _interval(accuracy: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion."""
    z = 1.96
    center = accuracy + z * z / (2 * count)
    half = z * ((accuracy * (1 - accuracy) + z * z / (4 * count)) / count) ** 0.5
    return (center - half) / (1 + z * z / count), (center + half) / (1 + z * z / count)

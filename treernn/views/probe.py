"""What a model understands: tables for a terminal, plain values, and the reliability plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from treernn.evaluation.calibration import Calibration, Reliability
from treernn.evaluation.contrast import Contrast
from treernn.evaluation.negation import Negations
from treernn.evaluation.ngrams import BEST, Ngram, Ngrams
from treernn.evaluation.published import CONTRAST, NEGATED_NEGATIVE, NEGATED_POSITIVE
from treernn.views import evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from treernn.evaluation.probe import Probe

_MODELS = tuple(CONTRAST)
_SHOWN = 5  # phrases of a length
_BEFORE, _AFTER, _INK, _GREY = "#c4560f", "#0b5c94", "#1f2933", "#8a96a3"


def as_dict(found: Probe) -> dict[str, Any]:
    """Plain values, named as the attributes of ``Probe``; ``accuracy`` is that of ``treernn
    evaluate``, and ``published`` holds the figures of Socher et al. (2013)."""
    published = {
        "sentences": CONTRAST,
        "negated_positive": NEGATED_POSITIVE,
        "negated_negative": NEGATED_NEGATIVE,
    }
    parts = {field.name: _plain(getattr(found, field.name)) for field in fields(found)}
    return {**parts, "accuracy": evaluation.as_dict(found.accuracy), "published": published}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return None if isnan(value) else round(value, 4)
    return value


def tables(found: Probe, about: Mapping[str, str]) -> RenderableType:
    """Tables for a terminal.

    Args:
        found: what was measured.
        about: of what, and on what, by name.
    """
    return Group(
        _published(found, about),
        _contrast(found.sentences, found.clauses),
        _negation(found.in_trees, found.made),
        _ngrams(found.ngrams),
        _calibration(found.calibration),
        evaluation.table(found.accuracy, {"accuracy": "per cent right"}),
    )


def _published(found: Probe, about: Mapping[str, str]) -> Table:
    """What Socher et al. report, beside the model's own figures."""
    table = _table(
        "   ".join(f"{name}: {value}" for name, value in about.items()),
        ("per cent of cases", "cases", "this model", *_MODELS),
    )
    no_figures: dict[str, float] = {}
    sentences, clauses, trees, made = found.sentences, found.clauses, found.in_trees, found.made
    for name, cases, figure, published in (
        ("X but Y: all three right", sentences.cases, sentences.right, CONTRAST),
        ("  of five classes", sentences.cases, sentences.right_five, no_figures),
        ("  clauses", clauses.cases, clauses.right, no_figures),
        ("  clauses, of five", clauses.cases, clauses.right_five, no_figures),
        ("positive negated: turns", None, None, NEGATED_POSITIVE),
        ("  in trees", trees.of_positive.cases, trees.of_positive.turned, no_figures),
        ("  made sentences", made.of_positive.cases, made.of_positive.turned, no_figures),
        ("negative negated: crosses", None, None, NEGATED_NEGATIVE),
        ("  in trees", trees.of_negative.cases, trees.of_negative.crossed, no_figures),
        ("  made sentences", made.of_negative.cases, made.of_negative.crossed, no_figures),
        ("  eases, in trees", trees.of_negative.cases, trees.of_negative.eased, no_figures),
        ("  eases, made sentences", made.of_negative.cases, made.of_negative.eased, no_figures),
    ):
        table.add_row(
            name,
            "" if cases is None else f"{cases:,}",
            "" if figure is None else _number(figure),
            *(_number(published[model]) if published else "" for model in _MODELS),
        )
    return table


def _contrast(*kinds: Contrast) -> Table:
    columns = (
        "",
        *(f"{name}, {of}" for name in ("sentences", "clauses") for of in ("gold", "model")),
    )
    table = _table("X but Y: the whole against its parts", columns)
    for name, part in (("X right, %", "x"), ("Y right, %", "y"), ("joint right, %", "joint")):
        table.add_row(
            name, *(cell for each in kinds for cell in ("", _number(getattr(each, part))))
        )
    relations = [relation for each in kinds for relation in (each.gold, each.model)]
    for name, part, digits in (
        ("whole on the side of X, %", "like_x", 1),
        ("whole on the side of Y, %", "like_y", 1),
        ("weight of X", "weight_x", 2),
        ("weight of Y", "weight_y", 2),
    ):
        table.add_row(name, *(_number(getattr(each, part), digits) for each in relations))
    return table


def _negation(trees: Negations, made: Negations) -> Table:
    table = _table(
        "Negation: per cent of cases; mean change in probabilities and in expected class",
        ("negated", "known", "turned", "eased", "crossed", "Δ pos", "Δ neg", "Δ class"),
    )
    for kind, found in (("trees", trees), ("made", made)):
        for name, each in (("positive", found.of_positive), ("negative", found.of_negative)):
            table.add_row(
                f"{name}, {kind}",
                _number(each.known),
                _number(each.turned),
                _number(each.eased),
                _number(each.crossed),
                *(_signed(change) for change in (each.positive, each.negative, each.value)),
            )
    return table


def _ngrams(found: Sequence[Ngrams]) -> Table:
    table = Table(title="Strongest phrases", title_justify="left")
    table.add_column("words", justify="right")
    for name in "most positive", "most negative":
        table.add_column(name, ratio=1)
    table.add_column(f"gold of {BEST}", justify="right", no_wrap=True)
    for each in found:
        gold = f"{_number(each.gold_positive)} / {_number(each.gold_negative)}"
        table.add_row(str(each.length), _phrases(each.positive), _phrases(each.negative), gold)
    return table


def _phrases(found: Sequence[Ngram]) -> Text:
    from treernn.views.tree import printable

    return Text("\n".join(printable(each.text) for each in found[:_SHOWN]))


def _calibration(found: Calibration) -> Table:
    table = _table(
        f"Calibration: temperature {found.temperature:.3f} fitted on the development part "
        f"(to its roots alone {found.temperature_roots:.3f}); the model has {found.stored:.3f}",
        ("", "phrases", "ECE, %, at 1", "scaled", "surprise at 1", "scaled"),
    )
    for name, before, after in (
        ("roots", found.roots_before, found.roots_after),
        ("all nodes", found.all_before, found.all_after),
    ):
        table.add_row(
            name,
            f"{before.count:,}",
            *(_number(each.error, 2) for each in (before, after)),
            *(_number(each.surprise, 3) for each in (before, after)),
        )
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    """The first column holds names, the others figures, which are whole on 80 columns too."""
    table = Table(title=title, title_justify="left")
    table.add_column(columns[0], no_wrap=True)
    for column in columns[1:]:
        table.add_column(column, justify="right", min_width=max(5, *map(len, column.split())))
    return table


def _number(value: float, digits: int = 1) -> str:
    return "–" if isnan(value) else f"{value:.{digits}f}"


def _signed(value: float) -> str:
    return "–" if isnan(value) else f"{value:+.2f}"


def figure(found: Calibration) -> Figure:
    """The reliability plot: accuracy by confidence, before and after scaling; a point's area is its
    share of the phrases."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, name, before, after in (
        (left, "roots", found.roots_before, found.roots_after),
        (right, "all nodes", found.all_before, found.all_after),
    ):
        axes.plot([0, 1], [0, 1], color=_GREY, lw=1, ls="--", label="as sure as right")
        _curve(axes, before, _BEFORE, "temperature 1")
        _curve(axes, after, _AFTER, f"temperature {found.temperature:.2f}")
        axes.set_title(f"{name}, {before.count:,} phrases", fontsize=11, color=_INK)
        axes.set_xlabel("confidence: probability of the most probable class", color=_INK)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_aspect("equal")
        axes.grid(color="#e3e7eb", lw=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(_GREY)
        axes.tick_params(colors=_INK)
        axes.legend(frameon=False, fontsize=9.5, labelcolor=_INK, loc="upper left")
    left.set_ylabel("accuracy: share that is right", color=_INK)
    return figure


def _curve(axes: Axes, found: Reliability, colour: str, name: str) -> None:
    filled = [each for each in found.bins if each.count]
    x, y = [each.confidence for each in filled], [each.accuracy for each in filled]
    label = f"{name}: ECE {_number(found.error)} %"
    axes.plot(x, y, color=colour, lw=1.8, label=label)
    areas = [4 + 250 * each.count / found.count for each in filled]
    axes.scatter(x, y, areas, color=colour, alpha=0.75, linewidths=0, clip_on=False)

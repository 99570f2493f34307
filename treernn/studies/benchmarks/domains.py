"""Accuracy on texts of several kinds, beside VADER.

Texts are scored as they are written, by ``Scorer``. With p the distribution of a text, the decision
between three classes is the largest of p(very negative) + p(negative), p(neutral), p(positive) +
p(very positive); that between two is the larger of the first and the last.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

from treernn.classes import sums
from treernn.errors import InputError, MissingDataError
from treernn.evaluation.calibration import reliability
from treernn.evaluation.texts import TextScorer, text_distributions
from treernn.printing import shown as visible
from treernn.scoring.scorer import load
from treernn.studies.benchmarks.domain_sets import DomainSet, Source, load_sets
from treernn.studies.benchmarks.vader import load_vader
from treernn.studies.report import Report, table

NEGATIVE, NEUTRAL, POSITIVE = range(3)
VADER = "vader"
CUT = 0.05
"""Beyond it a compound score of VADER is an opinion, as its authors recommend."""

TINY = 1e-12
"""Where neither side has a probability, both are as probable."""


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What is decided about ``n`` texts.

    Attributes:
        three: ``[n]``, negative (0), neutral (1) or positive (2).
        positive: ``[n]``, whether the text is positive rather than negative.
        probabilities: ``[n, 3]``; None of what has none.
    """

    three: np.ndarray
    positive: np.ndarray
    probabilities: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """How good the decisions about a set are: ``n`` and percentages, None where undefined.

    Attributes:
        set: name of the set.
        n: number of its texts.
        binary: accuracy of negative against positive; neutral texts are left out.
        macro_recall: mean of the recalls.
        ece: expected calibration error of the probability of what is decided.
        recall_negative, recall_neutral, recall_positive: part of the texts of a class that are
            recognised: among three classes; among two if the set has no neutral texts.
    """

    set: str
    n: int
    binary: float | None
    macro_recall: float | None
    ece: float | None
    recall_negative: float | None
    recall_neutral: float | None
    recall_positive: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; without ``recall_neutral`` if the set has no neutral texts."""
        row = {each.name: getattr(self, each.name) for each in fields(self)}
        if row["recall_neutral"] is None:
            del row["recall_neutral"]
        return {
            key: round(value, 2) if isinstance(value, float) else value
            for key, value in row.items()
        }


def bench(
    models: Sequence[str | os.PathLike[str]] = ("small",),
    split: str = "test",
    source: Source = None,
    device: str = "cpu",
    precision: str = "float32",
) -> Report:
    """Compare models on all sets that are on this machine, beside VADER.

    Args:
        models: see ``treernn.load``.
        split: ``"dev"`` or ``"test"``.
        source: a folder with the sets; default: search as in ``treernn.corpora.locations``.
        device, precision: where and in which type they run, as for ``treernn.load``.

    Returns:
        Of one model an object: ``model``, ``split``, ``rows``, see ``Row``; ``missing``, a line for
        each thing that is not there; and ``vader``, the rows of VADER. Of several models a list of
        such objects without ``vader``, which is the ``model`` of the last.

    Raises:
        MissingDataError: there is no set at all.
        DataError: a set is damaged.
        ModelError: there is no such model.
        InputError: there is no model, or no such split.
    """
    names = [*dict.fromkeys(os.fspath(model) for model in models)]
    if not names:
        raise InputError("no model to measure, name one")
    # First, to find a wrong name before the wait.
    scorers = [(name, load(name, device, precision=precision)) for name in names]
    sets, missing = load_sets(split, source)
    found = [(name, evaluate_domains(scorer, sets)) for name, scorer in scorers]
    try:
        found.append((VADER, evaluate_vader(sets)))
    except MissingDataError as error:
        missing.append(str(error))
    reports: list[dict[str, Any]] = [
        {"model": name, "split": split, "rows": [*map(Row.to_dict, rows)], "missing": missing}
        for name, rows in found
    ]
    shown = _table(found, split, missing)
    if len(names) > 1:
        return Report(reports, shown)
    first, *others = reports
    return Report({**first, **{each["model"]: each["rows"] for each in others}}, shown)


def evaluate_domains(scorer: TextScorer, sets: Sequence[DomainSet]) -> list[Row]:
    """How good a scorer is on each set; a text that is in several sets is scored once.

    Args:
        scorer: such as ``treernn.load`` returns.
        sets: see ``load_sets``.
    """
    texts = [text for each in sets for text in each.texts]
    ends = np.cumsum([len(each.texts) for each in sets])[:-1]
    tables = np.split(text_distributions(scorer, texts), ends)
    return [_row(each, decide(p)) for each, p in zip(sets, tables, strict=True)]


def evaluate_vader(sets: Sequence[DomainSet]) -> list[Row]:
    """How good VADER is on each set: positive or negative by the sign of the compound score, of
    three classes if it is beyond ``CUT``. A text without any of its words counts as negative where
    there are two classes.

    Args:
        sets: see ``load_sets``.

    Raises:
        MissingDataError: there is no lexicon on this machine.
    """
    compound = load_vader()
    rows = []
    for each in sets:
        scores = np.array([*map(compound, each.texts)])
        three = np.where(scores >= CUT, POSITIVE, np.where(scores <= -CUT, NEGATIVE, NEUTRAL))
        rows.append(_row(each, Decisions(three, scores > 0)))
    return rows


def decide(distributions: np.ndarray) -> Decisions:
    """The decisions that distributions over five classes ``[n, 5]`` lead to.

    >>> found = decide(np.array([[0.25, 0.125, 0.5, 0.125, 0], [0, 0.375, 0.25, 0.25, 0.125]]))
    >>> found.three.tolist(), found.positive.tolist()
    ([1, 0], [False, False])
    """
    p = sums(distributions, 3)
    return Decisions(p.argmax(axis=1), p[:, POSITIVE] > p[:, NEGATIVE], p)


def _row(data: DomainSet, decisions: Decisions) -> Row:
    gold, p = data.gold, decisions.probabilities
    neutral = gold == NEUTRAL
    binary = (decisions.positive == (gold == POSITIVE))[~neutral]
    if neutral.any():
        correct, classes = decisions.three == gold, gold
    else:
        correct, classes = binary, (gold == POSITIVE).astype(int)
        if p is not None:
            p = p[:, [NEGATIVE, POSITIVE]] + TINY
            p = p / p.sum(axis=1, keepdims=True)
    recalls = [_percent(correct[gold == side]) for side in (NEGATIVE, NEUTRAL, POSITIVE)]
    known = [recall for recall in recalls if recall is not None]
    ece = None if p is None or not len(gold) else reliability(classes, p).ece
    macro = sum(known) / len(known) if known else None
    return Row(data.name, len(gold), _percent(binary), macro, ece, *recalls)


def _percent(correct: np.ndarray) -> float | None:
    return 100 * float(correct.mean()) if len(correct) else None


def _table(found: Sequence[tuple[str, Sequence[Row]]], split: str, missing: Sequence[str]) -> Table:
    """For each set a line for each model."""
    recalls = ("negative", "neutral", "positive")
    titles = ("set", "model", "n", "binary", "macro recall", "ECE", *recalls)
    shown = table({"split": split, "figures": "in %, of the classes their recall"}, titles, 2)
    shown.caption = Text("\n".join([str(shown.caption), *(f"missing: {line}" for line in missing)]))
    for rows in zip(*(rows for _, rows in found), strict=True):
        for (model, _), row in zip(found, rows, strict=True):
            first = row is rows[0]
            figures = (row.binary, row.macro_recall, row.ece, row.recall_negative)
            cells = (*figures, row.recall_neutral, row.recall_positive)
            shown.add_row(
                row.set if first else "",
                Text(visible(model)),
                str(row.n) if first else "",
                *("" if value is None else f"{value:.1f}" for value in cells),
                end_section=row is rows[-1],
            )
    return shown

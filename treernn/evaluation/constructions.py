"""Accuracy by construction: negation, wishes, comparisons, idiom, ratings and so on.

The sentences are those of ``treernn.corpora.constructions``, from patterns that are kept out of
training; they are scored from raw text, as a user's are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from treernn.classes import sums
from treernn.corpora.constructions import (
    LabelledText,
    all_constructions,
    constructions,
    examples,
)
from treernn.evaluation.accuracy import percentage, polarity
from treernn.scoring.result import Result
from treernn.types import LABELS

Score = Callable[[list[str]], Sequence[Result]]

_NEUTRAL = (0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class ConstructionAccuracy:
    """Results for one construction, or for all.

    Attributes:
        name: of the construction.
        about: what it is, with an example.
        cases: texts with the construction.
        correct: whose negative, neutral or positive is right, in % of them.
        contrast_cases: texts in which similar words are another construction.
        contrast_correct: the same in % of those.
    """

    name: str
    about: str
    cases: int
    correct: float
    contrast_cases: int
    contrast_correct: float


def construction_accuracy(
    score: Score, count: int = 40, seed: int = 0
) -> tuple[ConstructionAccuracy, ...]:
    """Evaluate a scorer on sentences whose patterns no model is trained on.

    Args:
        score: such as ``treernn.load().score_many``.
        count: how many texts of each construction; fewer where there are no more.
        seed: of the texts.

    Returns:
        All constructions together first; then sentences written by hand for each of them, which
        are in no other row; then each construction.
    """
    kinds = all_constructions()
    texts = constructions("heldout", seed, count * len(kinds))
    correct = _correct(score, texts)
    about = "all constructions, each sentence counts once"
    rows = [_accuracy("all", about, texts, correct, np.ones(len(texts), bool))]
    written, about = examples(), "sentences written by hand, without patterns"
    right = _correct(score, written)
    rows.append(_accuracy("by hand", about, written, right, np.ones(len(written), bool)))
    for kind in kinds:
        chosen = np.array([text.construction == kind.name for text in texts], bool)
        rows.append(_accuracy(kind.name, kind.about, texts, correct, chosen))
    return tuple(rows)


def _correct(score: Score, texts: Sequence[LabelledText]) -> np.ndarray:
    """``[texts]``: whether negative, neutral or positive is right."""
    predicted = decisions(distributions(score, [text.text for text in texts]))[:, 0]
    return np.array(
        [
            guess in polarity(np.array(text.classes))
            for text, guess in zip(texts, predicted, strict=True)
        ],
        bool,
    )


def distributions(score: Score, texts: list[str]) -> np.ndarray:
    """``[texts, 5]``: the distribution of each text; one without anything to score is neutral."""
    p = [result.distribution or _NEUTRAL for result in score(texts)]
    return np.array(p, float).reshape(-1, len(LABELS))


def decisions(p: np.ndarray) -> np.ndarray:
    """The most probable class of each text, of three and of five.

    Args:
        p: ``[texts, 5]``: their distributions.

    Returns:
        ``[texts, 2]``: first -1 (negative), 0 or 1 (positive), by the largest of p(very negative) +
        p(negative), p(neutral), p(positive) + p(very positive); then the class 0 to 4.
    """
    return np.stack([sums(p, 3).argmax(axis=1) - 1, p.argmax(axis=1)], axis=1)


def _accuracy(
    name: str,
    about: str,
    texts: Sequence[LabelledText],
    correct: np.ndarray,
    chosen: np.ndarray,
) -> ConstructionAccuracy:
    contrast = np.array([text.contrast for text in texts], bool)
    with_it, without = correct[chosen & ~contrast], correct[chosen & contrast]
    return ConstructionAccuracy(
        name, about, len(with_it), percentage(with_it), len(without), percentage(without)
    )

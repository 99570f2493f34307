"""Accuracy by construction: negation, wishes, comparisons, idiom, ratings and so on.

The sentences are those of ``treernn.corpora.constructions``, from patterns that are kept out of
training; they are scored from raw text, as a user's are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from treernn.corpora.constructions import LabelledText, all_constructions, constructions
from treernn.evaluation.accuracy import NEUTRAL, percentage, polarity
from treernn.scoring.result import Result

Score = Callable[[list[str]], Sequence[Result]]


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
        All constructions together first, then each.
    """
    kinds = all_constructions()
    texts = constructions("heldout", seed, count * len(kinds))
    predicted = predicted_classes(score, [text.text for text in texts])
    correct = np.array(
        [
            polarity(np.array(guess)) in polarity(np.array(text.classes))
            for text, guess in zip(texts, predicted, strict=True)
        ]
    )
    about = "all constructions, each sentence counts once"
    rows = [_accuracy("all", about, texts, correct, np.ones(len(texts), bool))]
    for kind in kinds:
        chosen = np.array([text.construction == kind.name for text in texts])
        rows.append(_accuracy(kind.name, kind.about, texts, correct, chosen))
    return tuple(rows)


def predicted_classes(score: Score, texts: list[str]) -> np.ndarray:
    """The most probable class of each text; neutral for one without anything to score.

    Returns:
        ``[texts]`` classes 0 to 4.
    """
    results = score(texts)
    return np.array(
        [
            NEUTRAL if result.probabilities is None else int(np.argmax(result.probabilities))
            for result in results
        ]
    )


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

"""Words that the models know, and that stand for those of a lexicon in the tree above them.

A word is chosen by what the model says of it: alone, in "The film was ...", and whether "not" turns
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from treernn.classes import scores as scores_of
from treernn.types import Tree

_WORDS = """
    outstanding excellent wonderful brilliant amazing superb fantastic great terrific perfect
    delightful beautiful impressive lovely charming good nice enjoyable solid pleasant decent fine
    okay interesting fair modest certain usual average general current recent common plain odd
    ordinary typical mediocre weak dull bland flat boring poor bad annoying disappointing awful
    terrible horrible dreadful worst pathetic atrocious
"""
WORDS = tuple(_WORDS.split())
"""Adjectives of every strength: other words have the sentiment of what they stand with."""

_MOST_OTHERS = 2_000  # words of a vocabulary that has none of these
_FRAME = ("the", "film", "was", "", ".")
_NEGATED = ("the", "film", "was", "not", "", ".")
_FRAME_TREE = ((0, 1), (2, 3), (6, 4), (5, 7))
_NEGATED_TREE = ((0, 1), (3, 4), (2, 7), (8, 5), (6, 9))
_OPINION = 0.2  # score from which a negation has to turn a word
_TURN = 0.1  # score of the other side that it has to have then


def stand_ins(classifier: Any, scores: Iterable[float]) -> dict[float, str]:
    """For each score the word that says it best to a model.

    Args:
        classifier: see ``treernn.scoring.scorer.Classifier``.
        scores: from -1 to 1.
    """
    words = _known(classifier)
    trees = [Tree((word,)) for word in words]
    trees += [_tree(_FRAME, _FRAME_TREE, word) for word in words]
    trees += [_tree(_NEGATED, _NEGATED_TREE, word) for word in words]
    roots = np.array([rows[-1] for rows in classifier.distributions(trees)])
    alone, said, negated = scores_of(roots).reshape(3, len(words))
    found = {}
    for score in scores:
        cost = np.abs(alone - score) + 2 * np.abs(said - score)
        if abs(score) >= _OPINION:
            cost += np.maximum(np.sign(score) * negated + _TURN, 0)
        found[score] = words[int(cost.argmin())]
    return found


def _tree(frame: Sequence[str], children: tuple[tuple[int, ...], ...], word: str) -> Tree:
    return Tree(tuple(each or word for each in frame), children)


def _known(classifier: Any) -> Sequence[str]:
    """The words that the model knows; if it knows none of them, others."""
    vocabulary = getattr(getattr(classifier, "embedding", None), "vocabulary", None)
    if vocabulary is None:  # an encoder, which knows all words
        return WORDS
    known = [word for word in WORDS if word in vocabulary]
    return (
        known or [word for word in vocabulary.words[1:] if word.isalpha()][:_MOST_OTHERS] or WORDS
    )

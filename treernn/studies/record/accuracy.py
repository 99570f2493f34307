"""Right answers of the models in the package on fixed sets, as counts.

All is computed in float32 on the CPU: on processors that multiply in bfloat16 the parser of users
does (see ``treernn.parsing.load_parser``), which gives a few other trees. What is left to the
processor is rounding, so each count comes with the number of answers that rounding may change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from treernn.classes import sums
from treernn.corpora.constructions import all_constructions, constructions, examples
from treernn.encoders.base_model import MINILM, MPNET, find_local_base_model
from treernn.evaluation.accuracy import NEUTRAL, polarity
from treernn.evaluation.brackets import bracket_score
from treernn.evaluation.constructions import distributions
from treernn.models.phrase_classifier import label_array
from treernn.models.sentiment import load_sentiment
from treernn.parsing.lstm_parser import load_embedded
from treernn.scoring.scorer import load
from treernn.types import Tree

ROUNDING = 1e-4
"""Two probabilities that are closer may change places on another processor. Those of `small` differ
by 5e-7 between AVX-512 and SSE4.2."""

TEXTS = 10
"""Of each construction."""

ENCODERS = {"small": None, "medium": MINILM, "large": MPNET}


@dataclass(frozen=True, slots=True)
class Count:
    """Right answers.

    Attributes:
        model: of which model.
        set: of what.
        right: so many answers are right,
        of: of so many,
        near: and so many of these may be others by rounding.
    """

    model: str
    set: str
    right: int
    of: int
    near: int


def available_models() -> list[str]:
    """The sentiment models in the package whose encoder, if they have one, is on this machine."""
    return [
        model
        for model, encoder in ENCODERS.items()
        if encoder is None or find_local_base_model(encoder) is not None
    ]


def treebank_counts(model: str, trees: Sequence[Tree]) -> Iterator[Count]:
    """Sentences, of five classes and binary, and all phrases of five classes, on gold trees.

    Args:
        model: ``small``, ``medium`` or ``large``.
        trees: those of the dev part.
    """
    classifier = load_sentiment(model)
    gold = np.concatenate([label_array(tree.labels, tree.num_nodes) for tree in trees])
    p = np.concatenate(classifier.distributions(trees))
    roots = np.cumsum([tree.num_nodes for tree in trees]) - 1
    polar = roots[gold[roots] != NEUTRAL]
    five = np.eye(5, dtype=bool)[gold]
    yield _count(model, "sentences, five classes", p[roots], five[roots])
    two = np.eye(2, dtype=bool)[(gold[polar] > NEUTRAL).astype(int)]
    yield _count(model, "sentences, binary", sums(p[polar], 2), two)
    labelled = gold >= 0
    yield _count(model, "phrases, five classes", p[labelled], five[labelled])


def construction_count(model: str) -> Count:
    """Texts of ``treernn.corpora.constructions`` from raw text, of three classes; with those that
    are written by hand. They need no data set."""
    texts = [*constructions("heldout", 0, TEXTS * len(all_constructions())), *examples()]
    p = distributions(load(model, parser=load_embedded()).score_many, [text.text for text in texts])
    right = np.array([np.isin((-1, 0, 1), polarity(np.array(text.classes))) for text in texts])
    return _count(model, "constructions, three classes", sums(p, 3), right)


def bracket_count(trees: Sequence[Tree]) -> Count:
    """Brackets of gold trees that the parser finds."""
    score = bracket_score(load_embedded().parse([tree.words for tree in trees]), trees)
    return Count("parser", "brackets", score.matched, score.gold, near=0)


def counts(models: Iterable[str], trees: Sequence[Tree]) -> Iterator[Count]:
    """All counts of some models, and of the parser.

    Args:
        models: ``small``, ``medium`` or ``large``.
        trees: the dev part of the treebank.

    Raises:
        ModelError: the encoder of a model is missing.
    """
    yield bracket_count(trees)
    for model in models:
        yield from treebank_counts(model, trees)
        yield construction_count(model)


def _count(model: str, name: str, p: np.ndarray, right: np.ndarray) -> Count:
    """The count of decisions for the largest of ``p`` ``[n, classes]``, where ``right``
    ``[n, classes]`` says which are right."""
    best = p.argmax(axis=1)[:, None]
    answers = np.take_along_axis(right, best, axis=1)[:, 0]
    # Rounding matters where a class that is as probable would make the answer right or wrong.
    close = p > np.take_along_axis(p, best, axis=1) - ROUNDING
    near = (close & (right != answers[:, None])).any(axis=1)
    return Count(model, name, int(answers.sum()), len(p), int(near.sum()))

"""How often a classifier is right, in the four columns of the SST papers and in detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treernn.errors import InputError
from treernn.types import LABELS, UNLABELLED, AnyTree

NEUTRAL = LABELS.index("neutral")

# Upper ends of the phrase-length groups, in words.
LENGTHS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 10**9)


@dataclass(frozen=True)
class Accuracy:
    """Per cent right, NaN where nothing counts.

    Attributes:
        five: five classes.
        binary: positive against negative: p3 + p4 > p0 + p1, where gold is not neutral.
        count: phrases under ``five``.
        count_binary: phrases under ``binary``.
    """

    five: float
    binary: float
    count: int
    count_binary: int


@dataclass(frozen=True)
class Evaluation:
    """What ``evaluate`` measures.

    Attributes:
        root: over the roots.
        all: over all labelled nodes.
        confusion: ``confusion[gold][predicted]``, roots.
        by_length: accuracy over all labelled nodes by phrase length: (from, to words, accuracy).
    """

    root: Accuracy
    all: Accuracy
    confusion: tuple[tuple[int, ...], ...]
    by_length: tuple[tuple[int, int, Accuracy], ...]


def evaluate(trees: Sequence[AnyTree], distributions: Sequence[np.ndarray]) -> Evaluation:
    """Compare distributions with labels.

    Args:
        trees: gold trees; nodes labelled -1 are left out.
        distributions: for each tree ``[nodes, 5]``.

    Raises:
        InputError: there are no trees.
    """
    if not trees:
        raise InputError("no trees to evaluate on")
    gold = np.concatenate(
        [np.array(tree.labels or [UNLABELLED] * tree.num_nodes) for tree in trees]
    )
    probabilities = np.concatenate(list(distributions))
    lengths = np.concatenate([_lengths(tree) for tree in trees])
    roots = np.cumsum([tree.num_nodes for tree in trees]) - 1
    root_gold, root_probabilities = gold[roots], probabilities[roots]
    by_length = []
    for low, high in zip((0, *LENGTHS), LENGTHS, strict=False):
        chosen = (lengths > low) & (lengths <= high) & (gold >= 0)
        if chosen.any():
            found = accuracy(gold[chosen], probabilities[chosen])
            by_length.append((low + 1, min(high, int(lengths.max())), found))
    labelled, classes = root_gold >= 0, len(LABELS)
    pairs = root_gold[labelled] * classes + root_probabilities[labelled].argmax(1)
    confusion = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    return Evaluation(
        root=accuracy(root_gold, root_probabilities),
        all=accuracy(gold, probabilities),
        confusion=tuple(map(tuple, confusion.tolist())),
        by_length=tuple(by_length),
    )


def accuracy(gold: np.ndarray, probabilities: np.ndarray) -> Accuracy:
    """Accuracy over the labelled of ``gold`` (``[n]``), given ``probabilities`` (``[n, 5]``)."""
    labelled = gold >= 0
    gold, probabilities = gold[labelled], probabilities[labelled]
    polar = gold != NEUTRAL
    positive = probabilities[polar, NEUTRAL + 1 :].sum(1) > probabilities[polar, :NEUTRAL].sum(1)
    return Accuracy(
        five=_per_cent(probabilities.argmax(1) == gold),
        binary=_per_cent(positive == (gold[polar] > NEUTRAL)),
        count=len(gold),
        count_binary=int(polar.sum()),
    )


def _per_cent(right: np.ndarray) -> float:
    return 100.0 * float(right.mean()) if len(right) else float("nan")


def _lengths(tree: AnyTree) -> np.ndarray:
    spans = np.array(tree.spans())
    return spans[:, 1] - spans[:, 0]

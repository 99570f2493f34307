"""Accuracy of a sentiment model: five classes and binary, roots and all nodes, as in the SST papers
(Socher et al. 2013, Table 1), with the confusion matrix and accuracy by phrase length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from treernn.classes import label_places
from treernn.errors import InputError
from treernn.evaluation.plain import to_plain
from treernn.models.phrase_classifier import label_array
from treernn.types import LABELS, AnyTree

NEUTRAL = LABELS.index("neutral")

MAX_LENGTHS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 10**9)
"""Groups of phrase lengths: the most words of each group."""


@dataclass(frozen=True)
class Accuracy:
    """Accuracy over some phrases, in %; NaN if there are none.

    Attributes:
        five: of the five classes.
        binary: positive (p3 + p4 > p0 + p1) against negative, without phrases labelled neutral.
        count: number of phrases in ``five``.
        count_binary: number of phrases in ``binary``.
    """

    five: float
    binary: float
    count: int
    count_binary: int


@dataclass(frozen=True)
class Evaluation:
    """Accuracy of a model on labelled trees.

    Attributes:
        root: accuracy at the roots.
        all: accuracy at all labelled nodes.
        confusion: number of roots, ``confusion[gold][predicted]``.
        by_length: ``(min words, max words, accuracy)`` of all labelled nodes by phrase length.
    """

    root: Accuracy
    all: Accuracy
    confusion: tuple[tuple[int, ...], ...]
    by_length: tuple[tuple[int, int, Accuracy], ...]

    def to_dict(self, roots_only: bool = False) -> dict[str, Any]:
        """Values for JSON: accuracies rounded to 0.01 %, None instead of NaN; see docs/evaluate.md.

        Args:
            roots_only: leave out what is measured at all nodes.
        """
        plain = to_plain(self, ".2f")
        plain["by_length"] = [
            {"from": low, "to": high, **accuracy} for low, high, accuracy in plain["by_length"]
        ]
        return {key: plain[key] for key in ("root", "confusion")} if roots_only else plain


def evaluate(trees: Sequence[AnyTree], distributions: Sequence[np.ndarray]) -> Evaluation:
    """Compare predicted distributions with labels.

    Args:
        trees: gold trees; unlabelled nodes are skipped.
        distributions: for each tree probabilities ``[nodes, 5]``.

    Raises:
        InputError: there are no trees.
    """
    if not trees:
        raise InputError("no trees to evaluate on")
    gold = np.concatenate([label_array(tree.labels, tree.num_nodes) for tree in trees])
    probabilities = np.concatenate(list(distributions))
    lengths = np.concatenate([np.diff(tree.spans())[:, 0] for tree in trees])
    roots = np.cumsum([tree.num_nodes for tree in trees]) - 1
    by_length = []
    for low, high in zip((0, *MAX_LENGTHS), MAX_LENGTHS, strict=False):
        group = (lengths > low) & (lengths <= high) & (gold >= 0)
        if group.any():
            group_accuracy = accuracy(gold[group], probabilities[group])
            by_length.append((low + 1, min(high, int(lengths.max())), group_accuracy))
    labelled_roots = roots[gold[roots] >= 0]
    confusion = np.zeros((len(LABELS), len(LABELS)), int)
    np.add.at(confusion, (gold[labelled_roots], probabilities[labelled_roots].argmax(1)), 1)
    return Evaluation(
        root=accuracy(gold[roots], probabilities[roots]),
        all=accuracy(gold, probabilities),
        confusion=tuple(map(tuple, confusion.tolist())),
        by_length=tuple(by_length),
    )


def accuracy(gold: np.ndarray, probabilities: np.ndarray) -> Accuracy:
    """Accuracy of ``probabilities`` ``[n, 5]`` for the labels ``gold`` ``[n]``, -1 for none."""
    labelled = gold >= 0
    gold, probabilities = gold[labelled], probabilities[labelled]
    polar = gold != NEUTRAL
    positive = label_places(probabilities[polar], 2) > NEUTRAL
    return Accuracy(
        five=percentage(probabilities.argmax(1) == gold),
        binary=percentage(positive == (gold[polar] > NEUTRAL)),
        count=len(gold),
        count_binary=int(polar.sum()),
    )


def percentage(correct: np.ndarray) -> float:
    """The true values of ``correct`` ``[n]`` in %; NaN if it is empty."""
    return 100.0 * float(correct.mean()) if len(correct) else float("nan")


def polarity(classes: np.ndarray) -> np.ndarray:
    """-1 for negative classes, 0 for neutral, 1 for positive; same shape."""
    return np.sign(classes - NEUTRAL)

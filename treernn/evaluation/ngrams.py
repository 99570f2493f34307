"""The most positive and most negative phrases of each length.

Socher et al. (2013), section 5.5: the nodes over n words with the highest probability of "very
positive" and of "very negative".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treernn.types import LABELS, UNLABELLED, Tree

LENGTHS = (1, 2, 3, 5)
TOP = 10


@dataclass(frozen=True)
class Ngram:
    """A phrase.

    Attributes:
        text: its words, as in the tree where it is most probable.
        probability: of "very positive" or "very negative".
        gold: its gold class there, or -1.
    """

    text: str
    probability: float
    gold: int


@dataclass(frozen=True)
class Ngrams:
    """The strongest phrases of one length, strongest first.

    Attributes:
        length: number of words.
        positive: by probability of "very positive".
        negative: by probability of "very negative".
        gold_positive, gold_negative: mean gold class of each list, 0 to 4; NaN without labels.
    """

    length: int
    positive: tuple[Ngram, ...]
    negative: tuple[Ngram, ...]
    gold_positive: float
    gold_negative: float


def strongest_ngrams(
    trees: Sequence[Tree],
    distributions: Sequence[np.ndarray],
    lengths: Sequence[int] = LENGTHS,
    top: int = TOP,
) -> tuple[Ngrams, ...]:
    """The strongest phrases of each length.

    Args:
        trees: with or without labels.
        distributions: for each tree probabilities ``[nodes, 5]``.
        lengths: in words.
        top: most phrases per list; phrases that differ only in case are one.
    """
    nodes = [(tree, *span) for tree in trees for span in tree.spans()]
    labels = [label for tree in trees for label in tree.labels or [UNLABELLED] * tree.num_nodes]
    sizes = np.array([end - start for _, start, end in nodes])
    probabilities = np.concatenate([np.empty((0, len(LABELS))), *distributions])

    def strongest(candidates: np.ndarray, label: int) -> tuple[Ngram, ...]:
        ngrams: dict[str, Ngram] = {}
        for i in candidates[np.argsort(-probabilities[candidates, label], kind="stable")].tolist():
            tree, start, end = nodes[i]
            text = " ".join(tree.words[start:end])
            ngrams.setdefault(text.lower(), Ngram(text, float(probabilities[i, label]), labels[i]))
            if len(ngrams) == top:
                break
        return tuple(ngrams.values())

    results = []
    for length in lengths:
        candidates = np.flatnonzero(sizes == length)
        positive, negative = strongest(candidates, len(LABELS) - 1), strongest(candidates, 0)
        gold = _mean_gold(positive), _mean_gold(negative)
        results.append(Ngrams(length, positive, negative, *gold))
    return tuple(results)


def _mean_gold(ngrams: Sequence[Ngram]) -> float:
    labels = [ngram.gold for ngram in ngrams if ngram.gold != UNLABELLED]
    return sum(labels) / len(labels) if labels else float("nan")

"""The most positive and the most negative phrases of each length.

Socher et al. (2013, section 5.5): the n-grams that the model finds strongest are the nodes of n
words with the highest probability of the classes very positive and very negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treernn.types import LABELS, Tree

LENGTHS = (1, 2, 3, 5)
BEST = 10


@dataclass(frozen=True)
class Ngram:
    """A phrase.

    Attributes:
        text: its words, as they stand in the first tree that has it.
        probability: of the class that it is named for.
        gold: its gold class there, -1 where it has none.
    """

    text: str
    probability: float
    gold: int


@dataclass(frozen=True)
class Ngrams:
    """The strongest phrases of ``length`` words, strongest first.

    Attributes:
        length: words in each.
        positive: by the probability of the class very positive.
        negative: by that of the class very negative.
        gold_positive: mean gold class of the positive ones, 0 to 4; NaN where none has one.
        gold_negative: the same of the negative ones.
    """

    length: int
    positive: tuple[Ngram, ...]
    negative: tuple[Ngram, ...]
    gold_positive: float
    gold_negative: float


def ngrams(
    trees: Sequence[Tree],
    distributions: Sequence[np.ndarray],
    lengths: Sequence[int] = LENGTHS,
    best: int = BEST,
) -> tuple[Ngrams, ...]:
    """Find the strongest phrases of some lengths.

    Args:
        trees: labels are shown, not used.
        distributions: for each tree ``[nodes, 5]``.
        lengths: in words.
        best: how many of each, at most; phrases that differ only in case are one, the strongest.
    """
    spans = [np.array(tree.spans()) for tree in trees]
    sizes = np.concatenate([np.empty(0, int), *(each[:, 1] - each[:, 0] for each in spans)])
    numbers = np.repeat(np.arange(len(trees)), [len(each) for each in spans])
    nodes = np.concatenate([np.empty(0, int), *(np.arange(len(each)) for each in spans)])
    rows = np.concatenate([np.empty((0, len(LABELS))), *distributions])

    def strongest(chosen: np.ndarray, label: int) -> tuple[Ngram, ...]:
        found: dict[str, Ngram] = {}
        for i in chosen[np.argsort(-rows[chosen, label], kind="stable")].tolist():
            tree, node = trees[numbers[i]], int(nodes[i])
            start, end = spans[numbers[i]][node]
            text = " ".join(tree.words[start:end])
            gold = tree.labels[node] if tree.labels else -1
            found.setdefault(text.lower(), Ngram(text, float(rows[i, label]), gold))
            if len(found) == best:
                break
        return tuple(found.values())

    result = []
    for length in lengths:
        chosen = np.flatnonzero(sizes == length)
        positive, negative = strongest(chosen, len(LABELS) - 1), strongest(chosen, 0)
        result.append(Ngrams(length, positive, negative, _gold(positive), _gold(negative)))
    return tuple(result)


def _gold(found: Sequence[Ngram]) -> float:
    labels = [each.gold for each in found if each.gold >= 0]
    return sum(labels) / len(labels) if labels else float("nan")

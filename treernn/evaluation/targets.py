"""Predictions compared with targets of any kind, see ``treernn.corpora.targets``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from treernn.classes import sums
from treernn.corpora.targets import SET_SUM

_SMALLEST = 1e-9


def mean_loss(distributions: np.ndarray, targets: np.ndarray) -> float:
    """Mean loss of predictions in nats; NaN if there are no targets.

    Args:
        distributions: ``[n, 5]``.
        targets: ``[n, 5]``; rows of zeros do not count.
    """
    known = targets.any(1)
    if not known.any():
        return float("nan")
    p, rows = distributions[known].astype(np.float64), targets[known]
    is_set = rows.sum(1) > SET_SUM
    cross_entropy = -(rows * np.log(np.maximum(p, _SMALLEST))).sum(1)
    of_sets = -np.log(np.maximum((rows * p).sum(1), _SMALLEST))
    return float(np.where(is_set, of_sets, cross_entropy).mean())


def recall(distributions: np.ndarray, targets: np.ndarray) -> dict[int, float]:
    """How often each side is found, in %.

    If no target is neutral, predictions are negative or positive only.

    Args:
        distributions: ``[n, 5]``.
        targets: ``[n, 5]``, none of them zeros.

    Returns:
        By side, negative (0), neutral (1) and positive (2); only those that occur.
    """
    gold = sums(targets, 3).argmax(1)
    found = sums(distributions, 3)
    if not (gold == 1).any():
        found = found * np.array([1, 0, 1])
    predicted = found.argmax(1)
    return {
        side: 100 * float((predicted[gold == side] == side).mean())
        for side in np.unique(gold).tolist()
    }


def macro_recall(distributions: np.ndarray, targets: np.ndarray) -> float:
    """The mean of ``recall`` over the sides that occur; NaN if there are no targets."""
    known = targets.any(1)
    if not known.any():
        return float("nan")
    return float(np.mean([*recall(distributions[known], targets[known]).values()]))


def root_rows(rows: Sequence[np.ndarray]) -> np.ndarray:
    """The last row of each tree, ``[trees, 5]``."""
    roots = np.zeros((len(rows), 5), np.float32)
    for number, each in enumerate(rows):  # no list of rows, which would keep all of them
        roots[number] = each[-1]
    return roots

"""Cutting a sentence that is too long for an encoder into windows that overlap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def windows(sizes: np.ndarray, room: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Cut a sentence into windows of at most ``room`` pieces.

    A window begins in the middle of the one before; the last is as full as the others.

    Args:
        sizes: pieces of each word, from 1 to ``room``.
        room: pieces per window.

    Returns:
        For each window the words that it holds, and the words that are read in it because they
        have more context there than elsewhere: as many pieces on both sides; half-open ranges.

    >>> windows(np.ones(12, int), 8)
    [((0, 8), (0, 6)), ((4, 12), (6, 12))]
    """
    ends = np.cumsum(sizes)
    starts, total = ends - sizes, int(ends[-1])
    held = [(0, int(np.searchsorted(ends, room, "right")))]
    while held[-1][1] < len(sizes):
        begin, end = held[-1]
        middle = int(np.searchsorted(starts, starts[begin] + (room + 1) // 2))
        begin = min(max(middle, begin + 1), end)
        # The last window could begin later, but would see less.
        begin = min(begin, int(np.searchsorted(starts, total - room)))
        held.append((begin, int(np.searchsorted(ends, starts[begin] + room, "right"))))
    # A word that two windows hold has more context in the later one past the middle between them.
    bounds = [0]
    for (_, end), (begin, _) in pairwise(held):
        middle = (starts[begin] + ends[end - 1]) / 2
        cut = int(np.searchsorted(starts + ends, 2 * middle, "right"))
        bounds.append(min(max(cut, begin), end))
    bounds.append(len(sizes))
    return list(zip(held, pairwise(bounds), strict=True))

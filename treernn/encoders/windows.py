"""Split sentences that are too long for an encoder into overlapping windows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

Range = tuple[int, int]


def split_into_windows(sizes: np.ndarray, max_pieces: int) -> list[tuple[Range, Range]]:
    """Split a sentence into windows of at most ``max_pieces`` pieces.

    Each window starts in the middle of the one before; the last one is as full as the others.

    Args:
        sizes: pieces of each word, from 1 to ``max_pieces``.
        max_pieces: pieces per window.

    Returns:
        For each window the half-open range of its words, and the range of those words that have
        more context in it than in other windows: as many pieces on both sides.

    >>> split_into_windows(np.ones(12, int), 8)
    [((0, 8), (0, 6)), ((4, 12), (6, 12))]
    """
    ends = np.cumsum(sizes)
    starts, total = ends - sizes, int(ends[-1])
    windows = [(0, int(np.searchsorted(ends, max_pieces, "right")))]
    while windows[-1][1] < len(sizes):
        start, end = windows[-1]
        middle = int(np.searchsorted(starts, starts[start] + (max_pieces + 1) // 2))
        start = min(max(middle, start + 1), end)
        # Start the last window earlier if there is room for more context.
        start = min(start, int(np.searchsorted(starts, total - max_pieces)))
        windows.append((start, int(np.searchsorted(ends, starts[start] + max_pieces, "right"))))
    # A word in two windows has more context in the later one past the middle of their overlap.
    bounds = [0]
    for (_, end), (start, _) in pairwise(windows):
        middle = (starts[start] + ends[end - 1]) / 2
        cut = int(np.searchsorted(starts + ends, 2 * middle, "right"))
        bounds.append(min(max(cut, start), end))
    bounds.append(len(sizes))
    return list(zip(windows, pairwise(bounds), strict=True))

"""Scales of ratings, and the stars from 1 to 5 that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_SCALES = ((1.0, 5.0), (0.0, 1.0), (-1.0, 1.0), (0.0, 5.0), (1.0, 10.0), (0.0, 10.0), (0.0, 100.0))
_ENOUGH = 0.99  # of the ratings are on a scale; others are slips


class Scale(NamedTuple):
    """From the worst rating to the best.

    Attributes:
        low, high: the ends.
    """

    low: float
    high: float

    def stars(self, rating: float) -> float | None:
        """The same from 1 to 5; None where it is outside.

        >>> Scale(1, 5).stars(4), Scale(0, 1).stars(1), Scale(1, 10).stars(11)
        (4.0, 5.0, None)
        """
        if not self.low <= rating <= self.high:
            return None
        return 1 + 4 * (rating - self.low) / (self.high - self.low)

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


def scale_of(counts: Mapping[float, int]) -> Scale | None:
    """The first usual scale that fits 99 % of the ratings, or otherwise that from the lowest to the
    highest; None without any.

    Args:
        counts: of each rating.

    >>> str(scale_of({1: 3, 4: 8, 5: 20})), str(scale_of({0: 5, 1: 7})), str(scale_of({2: 1, 9: 3}))
    ('1 to 5', '0 to 1', '1 to 10')
    """
    total = sum(counts.values())
    if not total:
        return None
    for low, high in _SCALES:
        if sum(n for each, n in counts.items() if low <= each <= high) >= _ENOUGH * total:
            return Scale(low, high)
    low, high = min(counts), max(counts)
    return Scale(low, high) if low < high else None

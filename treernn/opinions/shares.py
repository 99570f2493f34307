"""Shares with intervals, for chance alone: what another sample of reviews might have shown."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964  # of 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """Some of all.

    Attributes:
        count: some.
        total: all.

    >>> Share(8, 10).interval()[0] < Share(8, 10).value < Share(8, 10).interval()[1]
    True
    """

    count: int
    total: int

    @property
    def value(self) -> float:
        """Between 0 and 1; 0 of nothing."""
        return self.count / self.total if self.total else 0.0

    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson (1927), which is good for few and for extreme shares too.

        >>> [round(bound, 3) for bound in Share(8, 10).interval()], Share(0, 0).interval()
        ([0.49, 0.943], (0.0, 1.0))
        """
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.value
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)


def change(before: Share, after: Share) -> tuple[float, float, float]:
    """How much a share has risen, and its 95 % interval (Newcombe 1998, from those of Wilson).

    >>> [round(each, 3) for each in change(Share(48, 80), Share(56, 70))]
    [0.2, 0.052, 0.334]
    """
    difference = after.value - before.value
    (low_before, high_before), (low_after, high_after) = before.interval(), after.interval()
    below = sqrt((after.value - low_after) ** 2 + (high_before - before.value) ** 2)
    above = sqrt((high_after - after.value) ** 2 + (before.value - low_before) ** 2)
    return difference, difference - below, difference + above

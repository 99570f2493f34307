"""The first look at all reviews: counts whose size does not grow with the number of reviews."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np

from treernn.opinions.opinion import Review

MOST_GROUPS, MOST_REASONS, MOST_RATINGS = 5_000, 20, 1_000
OTHERS = "(others)"

_NUMBER = re.compile(r"\d[\d,]*")
_FEW = 3

Key = TypeVar("Key")


class ClassCounts(Generic[Key]):
    """For each key the number of reviews of each class.

    Args:
        most: keys; further ones are counted as ``others``.
        others: the key for them.
    """

    def __init__(self, most: int, others: Key) -> None:
        self._most, self._others = most, others
        self._counts: dict[Key, list[int]] = {}

    def add(self, key: Key, place: int, classes: int) -> None:
        """Count a review of this class."""
        if key not in self._counts and len(self._counts) >= self._most:
            key = self._others
        self._counts.setdefault(key, [0] * classes)[place] += 1

    def items(self) -> list[tuple[Key, tuple[int, ...]]]:
        """The keys with their counts, by key."""
        return sorted((key, tuple(counts)) for key, counts in self._counts.items())


class RatingCounts:
    """How many reviews have which rating. The lowest and the highest are exact; of very many
    different ones, further ones between them are counted as one of the known ones near them."""

    def __init__(self) -> None:
        self.counts: Counter[float] = Counter()
        self._known: list[float] = []

    def add(self, rating: float) -> None:
        """Count a review with this rating."""
        if rating not in self.counts:
            place = bisect_left(self._known, rating)
            if len(self._known) < MOST_RATINGS or place in (0, len(self._known)):
                self._known.insert(place, rating)
            else:
                rating = self._known[place]
        self.counts[rating] += 1


class Reasons:
    """Why rows or values are left out, how many, and which."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, list[int]] = {}
        self.examples: dict[str, str] = {}

    def add(self, reason: str, row: int, example: str = "") -> None:
        """Count one; reasons that differ in numbers only are one."""
        reason = _NUMBER.sub("…", reason)
        if reason not in self.counts and len(self.counts) >= MOST_REASONS:
            reason = "other reasons"
        self.counts[reason] += 1
        rows = self.first.setdefault(reason, [])
        if len(rows) < _FEW:
            rows.append(row)
        self.examples.setdefault(reason, example)


class Tally:
    """Counts of all reviews.

    Attributes:
        rows: of the table.
        counts: of reviews by class; None before the first.
        confidence: sum of the probabilities of the chosen classes.
        groups, days: counts by class.
        ratings: counts.
        reasons: why rows or values are left out.
        no_time, no_group, no_rating: reviews without a value.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.counts: list[int] = []
        self.confidence = 0.0
        self.groups: ClassCounts[str] = ClassCounts(MOST_GROUPS, OTHERS)
        self.days: ClassCounts[int] = ClassCounts(10**6, 0)  # there are not so many
        self.ratings = RatingCounts()
        self.reasons = Reasons()
        self.no_time = self.no_group = self.no_rating = 0

    def add(self, review: Review) -> None:
        """Count a row."""
        self.rows += 1
        if review.error is not None:
            self.reasons.add(review.error, review.row)
        if review.foreign:
            self.reasons.add("probably not in English, the only language of the models", review.row)
        if review.unread_time is not None:
            self.reasons.add("the date cannot be read", review.row, review.unread_time)
        if review.unread_rating is not None:
            self.reasons.add("the rating cannot be read", review.row, review.unread_rating)
        if not review.counted:
            return
        place, probability = verdict(review)
        classes = len(review.distribution or ())
        if not self.counts:
            self.counts = [0] * classes
        self.counts[place] += 1
        self.confidence += probability
        if review.group is not None:
            self.groups.add(review.group, place, classes)
        if review.day is not None:
            self.days.add(review.day, place, classes)
        if review.rating is not None:
            self.ratings.add(round(review.rating, 2))
        self.no_group += review.group is None
        self.no_time += review.day is None and review.unread_time is None
        self.no_rating += review.rating is None and review.unread_rating is None


def verdict(review: Review) -> tuple[int, float]:
    """The class of a review that counts, from 0, and its probability."""
    shares: Sequence[float] = review.distribution or ()
    place = int(np.argmax(shares))
    return place, shares[place]


def tally_of(reviews: Iterable[Review]) -> Tally:
    """The counts of all reviews."""
    tally = Tally()
    for review in reviews:
        tally.add(review)
    return tally

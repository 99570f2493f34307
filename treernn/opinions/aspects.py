"""The aspects of a corpus: what its texts say something about, found by counting their terms.

Terms are merged by their words in the singular and by the word that they are about: "the
batteries" and "battery life" are forms of the aspect "battery". An aspect stands out if its word
is more frequent in the corpus than in English in general (log-likelihood ratio, Dunning 1993) and
if much of what is said about it is an opinion.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from treernn.errors import InputError
from treernn.opinions.frequency import log_likelihood, share
from treernn.opinions.generic import ATTRIBUTES, GENERIC

MAX_KEYS = 100_000
"""So many different keys are kept; see ``AspectCounts``."""

_WORDS_PER_TERM = 6
"""As in reviews: so many words of text come with each term."""

_SIGNIFICANT = 3.84
"""The log-likelihood ratio that chance exceeds once in twenty times."""

_UNIT = 1_000
"""Opinions are counted in thousandths: sums of whole numbers do not depend on their order."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something that the texts of a corpus say something about.

    Attributes:
        name: its word or words, as in ``Term.key``.
        forms: the keys of the terms that are about it with the number of their mentions, those
            mentioned most first.
        count: of all mentions.
        opinion: the share of the mentions that are opinions, 0 to 1.
        specificity: how much more frequent it is than in general English, a log-likelihood ratio.
    """

    name: str
    forms: tuple[tuple[str, int], ...]
    count: int
    opinion: float
    specificity: float

    @property
    def score(self) -> float:
        """``specificity`` times ``opinion``, by which aspects are ranked."""
        return self.specificity * self.opinion


class AspectCounts:
    """Counts of terms, to which texts are added one by one and other counts as a whole.

    The order makes no difference, and memory is bounded: of more than twice ``most`` different keys
    the ``most`` frequent are kept. Then no count is too low by more than ``error``, and that is 0
    for a corpus with fewer keys.

    Args:
        most: how many keys are kept at least.

    >>> counts = AspectCounts()
    >>> for keys in (["battery life", "screen"], ["battery"], ["battery", "time"], ["screen"]):
    ...     counts.add((key, 1.0) for key in keys)
    >>> [(aspect.name, aspect.forms) for aspect in counts.aspects()]
    [('battery', (('battery', 2), ('battery life', 1))), ('screen', (('screen', 2),))]
    """

    def __init__(self, most: int = MAX_KEYS) -> None:
        if most < 1:
            raise InputError(f"most is {most}, expected at least 1")
        self._most = most
        self._counts: dict[str, tuple[int, int]] = {}  # mentions, opinions in thousandths
        self.mentions = self.texts = self.error = 0

    def add(self, mentions: Iterable[tuple[str, float]]) -> None:
        """Count the terms of a text.

        Args:
            mentions: for each term its key, and how much of an opinion it is, 0 to 1.
        """
        counts = self._counts
        for key, opinion in mentions:
            count, opinions = counts.get(key, (0, 0))
            counts[key] = count + 1, opinions + round(_UNIT * opinion)
            self.mentions += 1
        self.texts += 1
        self._bound()

    def merge(self, other: AspectCounts) -> None:
        """Add the counts of other texts."""
        counts = self._counts
        for key, (more, more_opinions) in other._counts.items():
            count, opinions = counts.get(key, (0, 0))
            counts[key] = count + more, opinions + more_opinions
        self.mentions += other.mentions
        self.texts += other.texts
        self.error += other.error
        self._bound()

    @property
    def mentions_of(self) -> dict[str, int]:
        """The mentions of each key that is kept."""
        return {key: count for key, (count, _) in self._counts.items()}

    def _bound(self) -> None:
        if len(self._counts) <= 2 * self._most:
            return
        ranked = sorted(self._counts.items(), key=lambda each: (-each[1][0], each[0]))
        self.error += ranked[self._most][1][0]
        self._counts = dict(ranked[: self._most])

    def aspects(self, most: int | None = None, min_count: int | None = None) -> tuple[Aspect, ...]:
        """The aspects that stand out, first the one with the highest score.

        Args:
            most: how many at most; None for all.
            min_count: mentions that an aspect needs; None for a number that grows with the square
                root of all mentions: 2 up to a thousand, 26 of a hundred thousand.
        """
        if min_count is None:
            min_count = max(2, math.isqrt(self.mentions) // 12)
        counts = self.mentions_of
        forms: dict[str, list[str]] = {}
        for key in counts:
            forms.setdefault(subject(key, counts), []).append(key)
        words = _WORDS_PER_TERM * self.mentions
        found = []
        for name, keys in forms.items():
            count = sum(counts[key] for key in keys)
            if count < min_count or name.rpartition(" ")[2] in GENERIC:
                continue
            specificity = log_likelihood(count, words * min(map(share, name.split())))
            if specificity < _SIGNIFICANT:
                continue
            opinion = sum(self._counts[key][1] for key in keys) / (_UNIT * count)
            ranked = sorted(
                ((key, counts[key]) for key in keys), key=lambda each: (-each[1], each[0])
            )
            found.append(Aspect(name, tuple(ranked), count, opinion, specificity))
        found.sort(key=lambda aspect: (-aspect.score, aspect.name))
        return tuple(found[:most])


def names(aspects: Iterable[Aspect]) -> dict[str, str]:
    """For each form the name of its aspect."""
    return {form: aspect.name for aspect in aspects for form, _ in aspect.forms}


def subject(key: str, counts: Mapping[str, int]) -> str:
    """What the terms with a key are about: the last of its words that is an aspect by itself; the
    whole key, if none is.

    Args:
        key: of a term.
        counts: mentions of all keys. A word is an aspect by itself if it is a term alone at least a
            third as often as this key.

    >>> counts = {"battery": 5, "battery life": 9, "life": 4, "service": 3, "customer service": 8}
    >>> [subject(key, counts) for key in counts]
    ['battery', 'battery', 'life', 'service', 'service']
    """
    words = key.split()
    if len(words) < 2:
        return key
    enough = counts.get(key, 0) / 3
    for word in reversed(words):
        if word not in ATTRIBUTES and word not in GENERIC and counts.get(word, 0) >= max(1, enough):
            return word
    return key

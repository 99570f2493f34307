"""A few sentences that show what many say: telling ones, and no two alike."""

from __future__ import annotations

import re
from typing import NamedTuple

from treernn.opinions.findings import Quote
from treernn.opinions.opinion import Opinion, Review

KEPT = 24
"""Sentences that are kept while others are read."""

MOST_CHARACTERS = 280
"""Of a sentence that is quoted; a longer one is cut around its phrase."""

_ALIKE = 0.6  # of the words of two sentences together are in both
_WORD = re.compile(r"[^\W_]+")
_SHORT, _LONG = 5, 30  # words of a sentence that is good to read
_PENALTY = 0.5  # of what is like a sentence that is quoted already


class _Kept(NamedTuple):
    rank: float
    quote: Quote
    words: frozenset[str]


class BestQuotes:
    """The best sentences of many.

    Args:
        most: sentences to keep.
    """

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: list[_Kept] = []
        self._least = 0.0

    def add(self, review: Review, opinion: Opinion) -> None:
        """Keep the sentence of an opinion, if it is better than others, or than one like it."""
        words = opinion.sentence_end - opinion.sentence_start
        rank = abs(opinion.score) * _readable(words / 5.5)
        if rank <= self._least:
            return
        new = _Kept(rank, _quote(review, opinion), frozenset())
        new = new._replace(words=frozenset(_WORD.findall(new.quote.text.lower())))
        for number, each in enumerate(self._kept):
            if _likeness(each.words, new.words) > _ALIKE:
                if each.rank < rank:
                    self._kept[number] = new
                break
        else:
            self._kept.append(new)
            self._kept.sort(key=lambda each: (-each.rank, each.quote.row))
            del self._kept[self._most :]
        if len(self._kept) == self._most:
            self._least = self._kept[-1].rank

    def best(self, most: int) -> tuple[Quote, ...]:
        """The best ones that differ, at most one of a review."""
        left, chosen = [*self._kept], list[_Kept]()
        while left and len(chosen) < most:
            best = max(left, key=lambda each: self._value(each, chosen))
            chosen.append(best)
            left = [each for each in left if each.quote.row != best.quote.row]
            left = [each for each in left if _likeness(each.words, best.words) <= _ALIKE]
        return tuple(each.quote for each in chosen)

    @staticmethod
    def _value(kept: _Kept, chosen: list[_Kept]) -> float:
        likeness = max((_likeness(kept.words, each.words) for each in chosen), default=0.0)
        return kept.rank * (1 - _PENALTY * likeness)


def _readable(words: float) -> float:
    """Between 0 and 1, for a sentence of about so many words."""
    return min(1.0, 0.4 + 0.6 * words / _SHORT, max(0.3, _LONG / words if words else 1.0))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the words of both that each has (Jaccard 1912)."""
    return len(one & other) / (len(one | other) or 1)


def _quote(review: Review, opinion: Opinion) -> Quote:
    first, last = opinion.sentence_start, opinion.sentence_end
    if last - first > MOST_CHARACTERS:
        around = max(0, MOST_CHARACTERS - (opinion.phrase_end - opinion.phrase_start)) // 2
        first = _word_start(review.text, max(first, opinion.phrase_start - around), first)
        last = _word_end(review.text, min(last, first + MOST_CHARACTERS), last)
    sentence = review.text[first:last]
    before = "…" if first > opinion.sentence_start else ""
    after = "…" if last < opinion.sentence_end else ""
    shift = len(before) - first
    return Quote(
        review.row,
        before + sentence + after,
        max(0, opinion.phrase_start + shift),
        min(len(sentence) + len(before), opinion.phrase_end + shift),
        review.text[opinion.start : opinion.end],
        round(opinion.score, 4),
    )


def _word_start(text: str, place: int, first: int) -> int:
    """The beginning of the next word, unless the place is the first of its sentence."""
    space = text.find(" ", place, place + 20)
    return place if place == first or space < 0 else space + 1


def _word_end(text: str, place: int, last: int) -> int:
    space = text.rfind(" ", place - 20, place)
    return place if place == last or space < 0 else space

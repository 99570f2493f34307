"""The entries in a sentence: from left to right, the longest at each place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from treernn.scoring.lexicon.entries import Lexicon
from treernn.scoring.lexicon.forms import forms, separators
from treernn.types import Token


class Match(NamedTuple):
    """An entry in a sentence.

    Attributes:
        start, end: the half-open range of its tokens.
        score: of the entry.
    """

    start: int
    end: int
    score: float


class Matcher:
    """Finds entries. The time for a text grows with its length, and hardly with the entries.

    Args:
        lexicon: of one domain.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._any_case: dict[str, float] = {}
        self._exact: dict[str, float] = {}
        for entry in lexicon.entries:
            table, key = (self._any_case, entry.key.lower)
            if entry.key.exact is not None:
                table, key = (self._exact, entry.key.exact)
            table[key] = entry.score
        for entry in lexicon.entries:  # ":-)" stands for ":)" where that has no entry of its own
            if entry.key.alike is not None and entry.key.alike not in self._exact:
                self._any_case.setdefault(entry.key.alike.lower(), entry.score)
        self._sorted = sorted({*self._any_case, *(key.lower() for key in self._exact)})

    def has(self, form: str) -> bool:
        """Whether a word of this form is an entry."""
        return self._score_of(form) is not None

    def matches(self, text: str, tokens: Sequence[Token]) -> Iterator[Match]:
        """The entries in a sentence, none of which overlap.

        Args:
            text: the text.
            tokens: of a sentence of it.
        """
        place = 0
        while place < len(tokens):
            found = self._longest(text, tokens, place)
            if found is not None:
                yield found
            place = place + 1 if found is None else found.end

    def _longest(self, text: str, tokens: Sequence[Token], start: int) -> Match | None:
        found = None
        begun: Sequence[str] = [""]  # what of entries the tokens from ``start`` may be
        for end in range(start, len(tokens)):
            token = tokens[end]
            between = ("",) if end == start else separators(text, tokens[end - 1], token)
            begun = [
                longer
                for each in begun
                for gap in between
                for form in forms(text, token)
                if self._begins(longer := each + gap + form)
            ]
            if not begun:
                break
            for form in begun:
                score = self._score_of(form)
                if score is not None:
                    found = Match(start, end + 1, score)
                    break
        return found

    def _score_of(self, form: str) -> float | None:
        score = self._exact.get(form)
        return self._any_case.get(form.lower()) if score is None else score

    def _begins(self, form: str) -> bool:
        """Whether an entry begins so."""
        lower = form.lower()
        at = bisect_left(self._sorted, lower)
        return at < len(self._sorted) and self._sorted[at].startswith(lower)

"""A sentence in its text, as the rules about sentences that depend on each other see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from treernn.types import Token

NEGATIVES = frozenset("no not n't nope nah naw never hardly scarcely none nothing n".split())
"""Words that make an answer or a heading's content mean nothing or no."""

PRONOUNS = frozenset("i it he she they we you this that there".split())
AUXILIARIES = frozenset(
    """
    am are is was were be do does did has have had will wo would can ca could should
    'm 's 're 've 'd 'll
    """.split()
)
TROUBLES = frozenset(
    "complaint complaints problem problems issue issues flaw flaws regret regrets".split()
)
"""What is good if there is none."""

MARKS = frozenset("- -- * • – — + # >".split())
"""Marks of a list."""

LONGEST_PHRASE = 4
"""Of what sentences begin with, in words."""

_AFTER = frozenset(("''", "'", "``", "`", '"', ")", "]", "}", "*"))


@dataclass(frozen=True)
class Said:
    """A sentence.

    Attributes:
        tokens: its tokens.
        mean: its mean class, from -2 to 2.
        values: the mean class of each token alone; empty if not known.
    """

    tokens: Sequence[Token]
    mean: float
    values: Sequence[float] = ()

    @cached_property
    def lower(self) -> list[str]:
        """Its tokens in lower case."""
        return [token.text.lower() for token in self.tokens]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Its tokens in lower case, without the mark or number of a list before them."""
        texts, start = self.lower, 0
        while start < len(texts) - 1 and (texts[start] in MARKS or _numbers(texts[start])):
            start += 1
        return tuple(texts[start:])

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words in lower case, without the names that stand for emoji and emoticons."""
        return tuple(
            [
                text.rstrip(".")
                for text, token in zip(self.lower, self.tokens, strict=True)
                # Mostly all of its characters are letters, which is quicker to see.
                if (text.isalnum() or any(map(str.isalnum, text)))
                and len(token.text) <= token.end - token.start  # no sign
            ]
        )

    @cached_property
    def _beginnings(self) -> frozenset[tuple[str, ...]]:
        """Its first words: one, two, and so on."""
        return frozenset([self.words[:count] for count in range(1, LONGEST_PHRASE + 1)])

    @property
    def is_question(self) -> bool:
        """Whether it ends in a question mark, quotes, brackets and emoji aside."""
        for token in reversed(self.tokens):
            if token.text not in _AFTER and not _is_sign(token):
                return "?" in token.text
        return False

    @property
    def is_item(self) -> bool:
        """Whether it begins with the mark or the number of a list."""
        first = self.tokens[0].text if self.tokens else ""
        return first in MARKS or _numbers(first)

    def strongest_word(self, without: frozenset[str]) -> tuple[str, float]:
        """The word with the strongest opinion and its mean class, leaving out some."""
        pairs = zip(self.tokens, self.values, strict=False)
        words = [(token.text.lower(), value) for token, value in pairs]
        others = [pair for pair in words if pair[0] not in without]
        return max(others, key=lambda pair: abs(pair[1]), default=("", 0.0))

    def starts(self, phrases: frozenset[tuple[str, ...]]) -> bool:
        """Whether its words begin with one of the phrases, of at most ``LONGEST_PHRASE`` words."""
        return not self._beginnings.isdisjoint(phrases)


def _is_sign(token: Token) -> bool:
    """Whether it is the name of an emoji or emoticon, which is longer than its source."""
    return len(token.text) > token.end - token.start


def phrases(table: str) -> frozenset[tuple[str, ...]]:
    """The phrases of a table with one on each line or between commas, as tuples of words."""
    rows = table.replace("\n", ",").split(",")
    return frozenset(tuple(phrase.split()) for phrase in rows if phrase.strip())


def _numbers(text: str) -> bool:
    """Whether the text is the number of a list's item."""
    return len(text) in (2, 3, 4) and text.strip("()")[:-1].isdigit() and text[-1] in ".)"

"""What a parser does, and what all parsers share: checks, and splitting of long sentences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise
from typing import ClassVar, Protocol

from treernn.errors import InputError
from treernn.parsing.long_sentences import Children, join, split
from treernn.types import Tree


class Parser(Protocol):
    """Parses sentences into binary trees without labels."""

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """One tree for each sentence, in order; its leaves are the words of the sentence.

        Raises:
            InputError: a sentence has no words.
        """
        ...


class BaseParser:
    """A ``Parser``; subclasses define ``parse_short``.

    A sentence of more than ``max_words`` words is split after punctuation. Its parts are parsed
    separately and their roots joined in pairs, level by level; see ``long_sentences``. No sentence
    of a treebank is that long.
    """

    max_words: ClassVar[int] = 150

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """See ``Parser``."""
        check_sentences(sentences)
        if all(len(words) <= self.max_words for words in sentences):
            children = self.parse_short(sentences)
        else:
            ends = [split(words, self.max_words) for words in sentences]
            parts = [
                words[start:end]
                for words, stops in zip(sentences, ends, strict=True)
                for start, end in pairwise((0, *stops))
            ]
            parsed = iter(self.parse_short(parts))
            children = [join(list(islice(parsed, len(stops)))) for stops in ends]
        return [Tree(tuple(words), c) for words, c in zip(sentences, children, strict=True)]

    def parse_short(self, sentences: Sequence[Sequence[str]]) -> list[Children]:
        """The children of the inner nodes of the trees of sentences of 1 to ``max_words`` words."""
        raise NotImplementedError


def check_sentences(sentences: Sequence[Sequence[str]]) -> None:
    """Raise ``InputError`` if a sentence has no words."""
    for number, words in enumerate(sentences):
        if not words:
            raise InputError(f"sentence {number} has no words, there is nothing to parse")

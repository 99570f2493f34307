"""A scored text as CoreNLP sees one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from treernn.scoring.sentence import Sentence
from treernn.server.corenlp.request import Wanted
from treernn.server.sentences import sentences_of
from treernn.types import Tree

_NEUTRAL = (0.0, 0.0, 1.0, 0.0, 0.0)


class Place(NamedTuple):
    """A token in its text.

    Attributes:
        word: as the models read it.
        original: as it is written.
        start, end: half-open range in characters.
        start_unit, end_unit: the same in UTF-16, as CoreNLP counts: an emoji is two.
        before, after: what stands between it and its neighbours.
    """

    word: str
    original: str
    start: int
    end: int
    start_unit: int
    end_unit: int
    before: str
    after: str


def opinionless(text: str, wanted: Wanted) -> tuple[Sentence, ...]:
    """The sentences of a text without any word, such as ``!!!``, which is not scored."""
    return tuple(
        _neutral(text, tokens) for tokens in sentences_of(text, wanted.ends, wanted.white_space)
    )


def _neutral(text: str, tokens: Sequence[Any]) -> Sentence:
    count = len(tokens)
    children = [(count - 2, count - 1)] if count > 1 else []
    children += [(place, count + number) for number, place in enumerate(range(count - 3, -1, -1))]
    tree = Tree(tuple(token.text for token in tokens), tuple(children), (2,) * (2 * count - 1))
    start, end = tokens[0].start, tokens[-1].end
    distributions = np.tile(np.array(_NEUTRAL, dtype=np.float32), (tree.num_nodes, 1))
    return Sentence(text[start:end], start, end, tuple(tokens), tree, distributions)


def places(text: str, sentences: Sequence[Sentence]) -> list[list[Place]]:
    """The tokens of each sentence."""
    tokens = [token for sentence in sentences for token in sentence.tokens]
    ends = [0, *(token.end for token in tokens)]
    starts = [*(token.start for token in tokens), len(text)]
    units = _units(text)
    found = iter(
        [
            Place(
                token.text,
                text[token.start : token.end],
                token.start,
                token.end,
                units(token.start),
                units(token.end),
                text[ends[number] : token.start],
                text[token.end : starts[number + 1]],
            )
            for number, token in enumerate(tokens)
        ]
    )
    return [[next(found) for _ in sentence.tokens] for sentence in sentences]


def _units(text: str) -> Any:
    """A function from places in characters to places in UTF-16."""
    if not text or max(text) < "\U00010000":
        return int
    wide = np.fromiter((char > "\uffff" for char in text), dtype=bool, count=len(text))
    before = np.concatenate(([0], np.cumsum(wide))).tolist()
    return lambda place: place + before[place]


def sentiment_name(sentence: Sentence) -> str:
    """The class as CoreNLP names it.

    Returns:
        ``Very negative``, ``Negative``, ``Neutral``, ``Positive`` or ``Very positive``.
    """
    return sentence.label.capitalize()

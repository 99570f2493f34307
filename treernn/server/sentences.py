"""Sentences of tokens, divided as a request asks, for example by properties of CoreNLP."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from treernn.text.tokenizer import tokenize, treebank_token
from treernn.types import Token

ONE, LINES, NEWLINES, FREE = "one", "lines", "newlines", "free"
"""What ends a sentence: only the text; only a line; a line too; whatever our rules say."""

_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\r\n]+")
_STOP = re.compile(r"[.?!。？！]+")
_CLOSING = frozenset(("''", "'", ")", "]", "}", "”", "’", '"', "-RRB-"))

Tokens = tuple[Token, ...]


def sentences_of(text: str, ends: str = FREE, white_space: bool = False) -> list[Tokens]:
    """The sentences of a text.

    Args:
        text: any text.
        ends: ``ONE``, ``LINES``, ``NEWLINES`` or ``FREE``.
        white_space: whether tokens are what white space separates, and nothing else.

    >>> [[token.text for token in each] for each in sentences_of("It works. Well\\nBad", "lines")]
    [['It', 'works', '.', 'Well'], ['Bad']]
    """
    if not white_space and ends == FREE:
        return tokenize(text)
    if not white_space and ends == NEWLINES:
        return tokenize(text, newline_ends_sentence=True)
    if white_space:
        tokens = tuple(_separated(text))
    else:
        tokens = tuple(chain.from_iterable(tokenize(text, newline_ends_sentence=ends == LINES)))
    if ends == ONE:
        return [tokens] if tokens else []
    by_line = _lines(text, tokens) if ends in (LINES, NEWLINES) else [tokens]
    if ends == LINES:
        return by_line
    return [sentence for line in by_line for sentence in _stopped(line)]


def _separated(text: str) -> Iterator[Token]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        token = treebank_token(text, start, end)
        # Some characters are nothing to the models, but whoever counts words counts them.
        yield token or Token(match.group()[:1], start, end)


def _lines(text: str, tokens: Sequence[Token]) -> list[Tokens]:
    """The tokens of each line that has some."""
    lines: list[Tokens] = []
    place = 0
    for match in _LINE.finditer(text):
        first = place
        while place < len(tokens) and tokens[place].start < match.end():
            place += 1
        if place > first:
            lines.append(tuple(tokens[first:place]))
    return lines


def _stopped(tokens: Sequence[Token]) -> Iterator[Tokens]:
    """Sentences that end with tokens that are full stops, question or exclamation marks."""
    first = 0
    for place, token in enumerate(tokens):
        following = tokens[place + 1].text if place + 1 < len(tokens) else ""
        goes_on = bool(_STOP.fullmatch(following)) or following in _CLOSING
        ended = _STOP.fullmatch(token.text) or (
            token.text in _CLOSING and place > first and _STOP.fullmatch(tokens[place - 1].text)
        )
        if ended and not goes_on:
            yield tuple(tokens[first : place + 1])
            first = place + 1
    if first < len(tokens):
        yield tuple(tokens[first:])

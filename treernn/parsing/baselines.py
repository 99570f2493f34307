"""Baseline parsers: the tree depends on the number of words alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import ClassVar

from treernn.parsing.long_sentences import Children
from treernn.parsing.parser import BaseParser


def right_branching(n: int) -> Children:
    """Children of the inner nodes of ``(a (b (c d)))``, for ``n`` words."""
    if n == 1:
        return ()
    return ((n - 2, n - 1), *((n - 2 - k, n + k - 1) for k in range(1, n - 1)))


def left_branching(n: int) -> Children:
    """Children of the inner nodes of ``(((a b) c) d)``, for ``n`` words."""
    if n == 1:
        return ()
    return ((0, 1), *((n + k - 1, k + 1) for k in range(1, n - 1)))


def balanced(n: int) -> Children:
    """Children of the inner nodes of the tree that halves each span; the left half is longer."""
    spans = [(0, n)] if n > 1 else []
    for start, end in spans:  # the list grows: parents before children, level by level
        middle = (start + end + 1) // 2
        spans.extend((a, b) for a, b in ((start, middle), (middle, end)) if b - a > 1)
    spans.reverse()
    node = {span: n + k for k, span in enumerate(spans)} | {(k, k + 1): k for k in range(n)}
    return tuple(
        (node[start, (start + end + 1) // 2], node[(start + end + 1) // 2, end])
        for start, end in spans
    )


@dataclass(frozen=True)
class ShapeParser(BaseParser):
    """A ``Parser`` that gives all sentences of the same length the same tree.

    Args:
        shape: ``right_branching``, ``left_branching`` or ``balanced``.

    >>> ShapeParser(left_branching).parse([["not", "bad", "."]])[0].children
    ((0, 1), (3, 2))
    """

    max_words: ClassVar[int] = 1 << 62  # never split
    shape: Callable[[int], Children]

    def parse_short(self, sentences: Sequence[Sequence[str]]) -> list[Children]:
        """See ``BaseParser``."""
        shape = lru_cache(maxsize=256)(self.shape)
        return [shape(len(words)) for words in sentences]


right_parser = partial(ShapeParser, right_branching)
left_parser = partial(ShapeParser, left_branching)
balanced_parser = partial(ShapeParser, balanced)

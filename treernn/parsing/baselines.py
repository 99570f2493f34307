"""Trees that look at no word: what a parser has to be better than."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from treernn.errors import InputError
from treernn.types import Tree

Children = tuple[tuple[int, int], ...]


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
    """Children of the inner nodes of the tree that halves every span, the longer half first."""
    spans = [(0, n)] if n > 1 else []
    for start, end in spans:  # grows while it is read: parents first, by levels
        middle = (start + end + 1) // 2
        spans.extend((a, b) for a, b in ((start, middle), (middle, end)) if b - a > 1)
    spans.reverse()
    number = {span: n + k for k, span in enumerate(spans)}

    def node(start: int, end: int) -> int:
        return start if end - start == 1 else number[start, end]

    return tuple(
        (node(start, (start + end + 1) // 2), node((start + end + 1) // 2, end))
        for start, end in spans
    )


@dataclass(frozen=True)
class ShapeParser:
    """A ``Parser`` that gives every sentence of a length the same tree.

    Args:
        shape: ``right_branching``, ``left_branching`` or ``balanced``.

    >>> ShapeParser(left_branching).parse([["not", "bad", "."]])[0].children
    ((0, 1), (3, 2))
    """

    shape: Callable[[int], Children]

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """One tree for each sentence; ``InputError`` where one has no words."""
        shape = lru_cache(maxsize=256)(self.shape)
        for number, words in enumerate(sentences):
            if not words:
                raise InputError(f"sentence {number} has no words, there is nothing to parse")
        return [Tree(tuple(words), shape(len(words))) for words in sentences]


right_parser = partial(ShapeParser, right_branching)
left_parser = partial(ShapeParser, left_branching)
balanced_parser = partial(ShapeParser, balanced)

"""Plain values that every floor shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LABELS = ("very negative", "negative", "neutral", "positive", "very positive")
UNLABELLED = -1


@dataclass(frozen=True, slots=True)
class Tree:
    """A parse tree over the words of one sentence, flat, so that depth costs nothing.

    Nodes are numbered leaves first: node ``i < len(words)`` is word ``i``; node
    ``len(words) + k`` has the children ``children[k]``, left to right. Children come before their
    parents, so the last node is the root.

    Attributes:
        words: the leaves, in order, at least one.
        children: for each inner node its children's numbers, left to right.
        labels: for each node its class 0..4 (see ``LABELS``), or -1 where it has none.
            Empty when no node has one.

    >>> tree = Tree(("not", "bad", "."), ((0, 1), (3, 2)))
    >>> tree.num_nodes, tree.spans()
    (5, [(0, 1), (1, 2), (2, 3), (0, 2), (0, 3)])
    """

    words: tuple[str, ...]
    children: tuple[tuple[int, ...], ...] = ()
    labels: tuple[int, ...] = ()

    @property
    def num_nodes(self) -> int:
        """Leaves and inner nodes together."""
        return len(self.words) + len(self.children)

    @property
    def root(self) -> int:
        """The number of the root, which is the last node."""
        return self.num_nodes - 1

    def spans(self) -> list[tuple[int, int]]:
        """For each node the words it covers, as a half-open range ``(start, end)``."""
        spans = [(i, i + 1) for i in range(len(self.words))]
        for below in self.children:
            spans.append((spans[below[0]][0], spans[below[-1]][1]))
        return spans

    def with_labels(self, labels: Sequence[int]) -> Tree:
        """The same tree with other labels."""
        return Tree(self.words, self.children, tuple(labels))


@dataclass(frozen=True, slots=True)
class Token:
    """A word and where it stands: ``text`` is what the models see, ``start``/``end`` are
    half-open character offsets into the original text."""

    text: str
    start: int
    end: int

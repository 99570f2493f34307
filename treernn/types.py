"""Plain values that every floor shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, TypeVar

from treernn.errors import InputError

LABELS = ("very negative", "negative", "neutral", "positive", "very positive")
UNLABELLED = -1

Example = TypeVar("Example", covariant=True)


class Splits(NamedTuple, Generic[Example]):
    """A data set in three parts.

    Attributes:
        train: examples to train on.
        dev: examples to choose the best epoch and the settings by.
        test: examples to report results on; empty where nobody evaluates.
    """

    train: Sequence[Example]
    dev: Sequence[Example]
    test: Sequence[Example] = ()


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
class DependencyTree:
    """A dependency tree over the words of one sentence: every node is a word, and stands under the
    word that it depends on, its head.

    Nodes are numbered children first, so the last node is the root; the children of a node are
    numbered as they stand in the sentence.

    Attributes:
        words: the word of each node, at least one.
        positions: for each node the place of its word in the sentence, from 0.
        heads: for each node the node of its head, whose number is higher; -1 for the root.
        labels: for each node, with all that hangs under it, its class 0..4 (see ``LABELS``), or -1
            where it has none. Empty when no node has one.

    >>> tree = DependencyTree.from_heads(("It", "works", "well"), (1, -1, 1))
    >>> tree.words, tree.heads
    (('It', 'well', 'works'), (2, 2, -1))
    >>> tree.children, tree.spans()
    (((), (), (0, 1)), [(0, 1), (2, 3), (0, 3)])
    """

    words: tuple[str, ...]
    positions: tuple[int, ...]
    heads: tuple[int, ...]
    labels: tuple[int, ...] = ()

    @classmethod
    def from_heads(cls, words: Sequence[str], heads: Sequence[int]) -> DependencyTree:
        """The tree of a sentence whose words name their heads.

        Args:
            words: in the sentence's order.
            heads: for each word the place of its head in the sentence, from 0; -1 for the root.
                Where several words are roots, the others hang under the first.

        Raises:
            InputError: no words, not one head for each, a head outside the sentence, or heads that
                run in a circle.
        """
        n = len(words)
        if not n:
            raise InputError("a dependency tree needs at least one word")
        if len(heads) != n:
            raise InputError(f"{len(heads)} heads for {n} words, expected one for each")
        root = next((word for word, head in enumerate(heads) if head == -1), None)
        if root is None:
            raise InputError("no word is the root, one must have the head -1")
        heads = [root if head == -1 else head for head in heads]
        below: list[list[int]] = [[] for _ in words]
        for word, head in enumerate(heads):
            if not 0 <= head < n:
                raise InputError(f"word {word} has the head {head}, expected 0 to {n - 1}, or -1")
            if word != root:
                below[head].append(word)
        pending, order = [root], []
        while pending:  # parents first, right to left; turned round, children first, left to right
            order.append(pending.pop())
            pending += below[order[-1]]
        if len(order) < n:
            lost = min(set(range(n)).difference(order))
            raise InputError(f"the heads above word {lost} run in a circle, they reach no root")
        order.reverse()
        node = dict(zip(order, range(n), strict=True))
        return cls(
            tuple(words[word] for word in order),
            tuple(order),
            (*(node[heads[word]] for word in order[:-1]), -1),
        )

    @property
    def num_nodes(self) -> int:
        """As many as words."""
        return len(self.words)

    @property
    def root(self) -> int:
        """The number of the root, which is the last node."""
        return self.num_nodes - 1

    @property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each node its children's numbers, left to right."""
        below: list[list[int]] = [[] for _ in self.words]
        for node, head in enumerate(self.heads[:-1]):
            below[head].append(node)
        return tuple(map(tuple, below))

    def spans(self) -> list[tuple[int, int]]:
        """For each node the places from the first to past the last word of what hangs under it and
        itself, as a half-open range ``(start, end)``; words between may belong elsewhere."""
        starts, ends = list(self.positions), [place + 1 for place in self.positions]
        for node, head in enumerate(self.heads[:-1]):  # of children all is known before their head
            starts[head] = min(starts[head], starts[node])
            ends[head] = max(ends[head], ends[node])
        return list(zip(starts, ends, strict=True))

    def with_labels(self, labels: Sequence[int]) -> DependencyTree:
        """The same tree with other labels."""
        return replace(self, labels=tuple(labels))


AnyTree = Tree | DependencyTree


@dataclass(frozen=True, slots=True)
class Token:
    """A word and where it stands: ``text`` is what the models see, ``start``/``end`` are
    half-open character offsets into the original text."""

    text: str
    start: int
    end: int

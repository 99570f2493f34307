"""Values that all packages share."""

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
        test: examples to report results on; may be empty.
    """

    train: Sequence[Example]
    dev: Sequence[Example]
    test: Sequence[Example] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A constituency tree of one sentence, stored flat, so that depth costs nothing.

    Leaves come first: node ``i < len(words)`` is word ``i``; node ``len(words) + k`` has the
    children ``children[k]``, left to right. Children come before their parents, so the last node
    is the root.

    Attributes:
        words: the leaves, in order, at least one.
        children: for each inner node its child nodes, left to right.
        labels: for each node its class 0 to 4 (see ``LABELS``), or -1 if it has none. Empty if no
            node has one.

    >>> tree = Tree(("not", "bad", "."), ((0, 1), (3, 2)))
    >>> tree.num_nodes, tree.spans()
    (5, [(0, 1), (1, 2), (2, 3), (0, 2), (0, 3)])
    """

    words: tuple[str, ...]
    children: tuple[tuple[int, ...], ...] = ()
    labels: tuple[int, ...] = ()

    @property
    def num_nodes(self) -> int:
        """Number of leaves and inner nodes."""
        return len(self.words) + len(self.children)

    @property
    def root(self) -> int:
        """Index of the root, which is the last node."""
        return self.num_nodes - 1

    def spans(self) -> list[tuple[int, int]]:
        """For each node the words that it covers, as a half-open range ``(start, end)``."""
        spans = [(i, i + 1) for i in range(len(self.words))]
        for children in self.children:
            spans.append((spans[children[0]][0], spans[children[-1]][1]))
        return spans

    def depth(self) -> int:
        """Edges between the root and the deepest word."""
        heights = [0] * len(self.words)
        for children in self.children:
            heights.append(1 + max(heights[child] for child in children))
        return heights[-1]

    def with_labels(self, labels: Sequence[int]) -> Tree:
        """A copy with other labels."""
        return Tree(self.words, self.children, tuple(labels))


@dataclass(frozen=True, slots=True)
class DependencyTree:
    """A dependency tree of one sentence: each node is a word, and its parent is the word's head.

    Children come before their parents, so the last node is the root; the children of a node are in
    the order of the sentence.

    Attributes:
        words: the word of each node, at least one.
        positions: for each node the index of its word in the sentence.
        heads: for each node the node of its head, which is a later one; -1 for the root.
        labels: for each node the class 0 to 4 (see ``LABELS``) of its subtree, or -1 if it has
            none. Empty if no node has one.

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
        """The tree of a sentence.

        Args:
            words: in the order of the sentence.
            heads: for each word the index of its head in the sentence; -1 for the root. If several
                words are roots, the first becomes the head of the others.

        Raises:
            InputError: there are no words, the number of heads differs from that of the words, a
                head is outside the sentence, or heads form a cycle.
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
        children: list[list[int]] = [[] for _ in words]
        for word, head in enumerate(heads):
            if not 0 <= head < n:
                raise InputError(f"word {word} has the head {head}, expected 0 to {n - 1}, or -1")
            if word != root:
                children[head].append(word)
        pending, order = [root], []
        while pending:  # parents first, right to left; the reverse is children first, left to right
            order.append(pending.pop())
            pending += children[order[-1]]
        if len(order) < n:
            word = min(set(range(n)).difference(order))
            raise InputError(f"the heads from word {word} form a cycle, they do not reach the root")
        order.reverse()
        node = dict(zip(order, range(n), strict=True))
        return cls(
            tuple(words[word] for word in order),
            tuple(order),
            (*(node[heads[word]] for word in order[:-1]), -1),
        )

    @property
    def num_nodes(self) -> int:
        """Number of words."""
        return len(self.words)

    @property
    def root(self) -> int:
        """Index of the root, which is the last node."""
        return self.num_nodes - 1

    @property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each node its child nodes, left to right."""
        children: list[list[int]] = [[] for _ in self.words]
        for node, head in enumerate(self.heads[:-1]):
            children[head].append(node)
        return tuple(map(tuple, children))

    def spans(self) -> list[tuple[int, int]]:
        """For each node the half-open range ``(start, end)`` of positions from the first to the
        last word of its subtree; other words may lie between them."""
        starts, ends = list(self.positions), [position + 1 for position in self.positions]
        for node, head in enumerate(self.heads[:-1]):  # children come before their parents
            starts[head] = min(starts[head], starts[node])
            ends[head] = max(ends[head], ends[node])
        return list(zip(starts, ends, strict=True))

    def with_labels(self, labels: Sequence[int]) -> DependencyTree:
        """A copy with other labels."""
        return replace(self, labels=tuple(labels))


AnyTree = Tree | DependencyTree


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text.

    Attributes:
        text: the word as the models read it.
        start, end: its half-open character range in the original text.
    """

    text: str
    start: int
    end: int

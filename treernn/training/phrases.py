"""Phrases of trees as trees of their own: people write them too, and a root is learnt of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from treernn.errors import InputError
from treernn.types import AnyTree, Tree

SHORTEST = 4  # words


class Phrase(NamedTuple):
    """A subtree below a root.

    Attributes:
        tree: the subtree, with its labels where there are any.
        of: number of the tree that it is of.
        nodes: ``[nodes]`` which of that tree's nodes its own are.
    """

    tree: Tree
    of: int
    nodes: np.ndarray


def phrases_of(trees: Sequence[AnyTree], shortest: int = SHORTEST) -> list[Phrase]:
    """The subtrees of at least ``shortest`` words below the roots.

    Raises:
        InputError: some are dependency trees.
    """
    found = []
    for number, tree in enumerate(trees):
        if not isinstance(tree, Tree):
            raise InputError("phrases are of parse trees, a dependency tree has none")
        n = len(tree.words)
        below: list[list[int]] = [[] for _ in tree.children]  # inner nodes of each, itself the last
        for place, children in enumerate(tree.children):
            inner = [node for child in children if child >= n for node in below[child - n]]
            below[place] = [*inner, n + place]
        spans = tree.spans()
        for place in range(len(tree.children) - 1):
            start, end = spans[n + place]
            if end - start >= shortest:
                found.append(_phrase(tree, number, start, end, below[place]))
    return found


def _phrase(tree: Tree, of: int, start: int, end: int, inner: Sequence[int]) -> Phrase:
    n, size = len(tree.words), end - start
    own = {word: word - start for word in range(start, end)}
    own |= {node: size + place for place, node in enumerate(inner)}
    children = tuple(tuple(own[child] for child in tree.children[node - n]) for node in inner)
    nodes = np.array([*range(start, end), *inner])
    labels = tuple(tree.labels[node] for node in nodes) if tree.labels else ()
    return Phrase(Tree(tree.words[start:end], children, labels), of, nodes)

"""Phrases of trees as sentences of their own: people also write short phrases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from treernn.errors import InputError
from treernn.types import AnyTree, Tree

MIN_WORDS = 4


class Phrase(NamedTuple):
    """A proper subtree of a tree.

    Attributes:
        tree: the subtree, with its labels if there are any.
        source: index of the tree that contains it.
        nodes: ``[nodes]`` the numbers of its nodes in that tree.
    """

    tree: Tree
    source: int
    nodes: np.ndarray


def extract_phrases(trees: Sequence[AnyTree], min_words: int = MIN_WORDS) -> list[Phrase]:
    """All proper subtrees of at least ``min_words`` words.

    Raises:
        InputError: some trees are dependency trees.
    """
    phrases = []
    for source, tree in enumerate(trees):
        if not isinstance(tree, Tree):
            raise InputError("phrases are taken from parse trees, not from dependency trees")
        n = len(tree.words)
        descendants: list[list[int]] = []  # inner nodes of each subtree, its root last
        for k, children in enumerate(tree.children):
            inner = [node for child in children if child >= n for node in descendants[child - n]]
            descendants.append([*inner, n + k])
        spans = tree.spans()
        for k in range(len(tree.children) - 1):
            start, end = spans[n + k]
            if end - start >= min_words:
                phrases.append(_phrase(tree, source, start, end, descendants[k]))
    return phrases


def _phrase(tree: Tree, source: int, start: int, end: int, inner: Sequence[int]) -> Phrase:
    n, size = len(tree.words), end - start
    number = {word: word - start for word in range(start, end)}
    number |= {node: size + k for k, node in enumerate(inner)}
    children = tuple(tuple(number[child] for child in tree.children[node - n]) for node in inner)
    nodes = np.array([*range(start, end), *inner])
    labels = tuple(tree.labels[node] for node in nodes) if tree.labels else ()
    return Phrase(Tree(tree.words[start:end], children, labels), source, nodes)

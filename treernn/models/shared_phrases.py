"""Trees that share their equal phrases.

The state of a phrase depends on the phrase alone, so that one that occurs several times, as most
words do, is computed once: the trees of a batch become one graph, in which a node has as many
parents as the phrase has places.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from treernn.structure import Structure
from treernn.types import Tree


class SharedPhrases(NamedTuple):
    """The distinct phrases of some trees.

    Attributes:
        structure: their graph.
        words: those of its leaves, in order.
        nodes: ``[nodes of all trees]`` tree after tree, the node of each in ``structure``.
    """

    structure: Structure
    words: list[str]
    nodes: np.ndarray


def share(trees: Iterable[Tree], split: Callable[[str], Sequence[str]]) -> SharedPhrases:
    """Find the distinct phrases of trees.

    Args:
        trees: their labels are ignored.
        split: the words that a word is made of; several are read as a tree, as
            ``treernn.models.compounds.expand`` does.

    >>> trees = [Tree(("a", "film"), ((0, 1),)), Tree(("not", "a", "film"), ((1, 2), (0, 3)))]
    >>> shared = share(trees, lambda word: [word])
    >>> shared.words, shared.nodes.tolist(), shared.structure.num_nodes
    (['a', 'film', 'not'], [0, 1, 2, 3, 0, 1, 2, 4], 5)
    """
    leaves: dict[str, int] = {}
    of_words: dict[str, int] = {}
    phrases: dict[tuple[int, ...], int] = {}  # by their children
    nodes: list[int] = []

    def word_node(word: str) -> int:
        first, *others = [
            leaves.setdefault(part, len(leaves) + len(phrases)) for part in split(word)
        ]
        for other in others:
            first = phrases.setdefault((first, other), len(leaves) + len(phrases))
        of_words[word] = first
        return first

    for tree in trees:
        of_tree = [
            node if (node := of_words.get(word)) is not None else word_node(word)
            for word in tree.words
        ]
        count = len(leaves) + len(phrases)
        for children in tree.children:
            key = tuple([of_tree[child] for child in children])
            node = phrases.setdefault(key, count)
            count += node == count
            of_tree.append(node)
        nodes += of_tree
    arity = np.array([*map(len, phrases)], np.int64)
    parents = np.repeat(np.array([*phrases.values()], np.int64), arity)
    edges = np.array([*itertools.chain.from_iterable(phrases)], np.int64)
    slots = np.arange(len(edges)) - np.repeat(np.cumsum(arity) - arity, arity)
    structure = Structure(len(leaves) + len(phrases), edges, parents, slots)
    return SharedPhrases(structure, [*leaves], np.array(nodes, np.int64))

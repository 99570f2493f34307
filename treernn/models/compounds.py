"""Unknown compounds as small trees: "badly-acted" is read as "badly" with "acted"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from treernn.types import Tree


def expand(tree: Tree, split: Callable[[str], Sequence[str]]) -> tuple[Tree, np.ndarray] | None:
    """Replace leaves by left-branching trees over the words that they are made of.

    Args:
        tree: any parse tree; its labels are ignored.
        split: the words that a word is made of.

    Returns:
        The expanded tree, and for each node of ``tree`` its node there; None if no word is divided.

    >>> expanded, nodes = expand(Tree(("badly-acted", "film"), ((0, 1),)), lambda w: w.split("-"))
    >>> expanded.words, expanded.children, nodes.tolist()
    (('badly', 'acted', 'film'), ((0, 1), (3, 2)), [3, 2, 4])
    """
    parts = [split(word) for word in tree.words]
    if all(len(words) == 1 for words in parts):
        return None
    num_words = sum(map(len, parts))
    children: list[tuple[int, ...]] = []
    nodes: list[int] = []
    start = 0
    for words in parts:
        node = start
        for leaf in range(start + 1, start + len(words)):
            children.append((node, leaf))
            node = num_words + len(children) - 1
        nodes.append(node)
        start += len(words)
    for merged in tree.children:
        children.append(tuple(nodes[child] for child in merged))
        nodes.append(num_words + len(children) - 1)
    expanded = Tree(tuple(word for words in parts for word in words), tuple(children))
    return expanded, np.array(nodes)

"""Binary trees from labelled trees of any shape.

Most models, and the Stanford Sentiment Treebank, have nodes with two children. Here a node with
more gets new nodes in between, to the right: ``(a (b (c d)))``. New nodes have no label, so that
neither training nor evaluation counts them; all others keep theirs. A chain of nodes over the same
words becomes one node with the first label from above, as in CoreNLP.

Trees of the Penn Treebank have categories, hence heads: see ``treernn.parsing.binarization``.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike

from treernn.errors import DataWarning
from treernn.types import UNLABELLED, Tree


def is_binary(tree: Tree) -> bool:
    """Whether every inner node has two children."""
    return all(len(children) == 2 for children in tree.children)


def binary_tree(tree: Tree) -> Tree:
    """The tree with two children at every inner node.

    >>> tree = Tree(("a", "b", "c"), ((0,), (3, 1, 2)), (2, 3, 4, 1, 0))
    >>> binary_tree(tree)
    Tree(words=('a', 'b', 'c'), children=((1, 2), (0, 3)), labels=(1, 3, 4, -1, 0))
    """
    if is_binary(tree):
        return tree
    n = len(tree.words)
    old = tree.labels or (UNLABELLED,) * tree.num_nodes
    labels = [*old[:n]]
    pairs: list[tuple[int, int]] = []
    new_node = [*range(n)]
    for children, label in zip(tree.children, old[n:], strict=True):
        node = new_node[children[-1]]
        for child in reversed(children[:-1]):
            pairs.append((new_node[child], node))
            labels.append(UNLABELLED)
            node = n + len(pairs) - 1
        if len(children) > 1 or label != UNLABELLED:
            labels[node] = label
        new_node.append(node)
    return Tree(tree.words, tuple(pairs), tuple(labels) if tree.labels else ())


def labelled_phrases(tree: Tree) -> Tree:
    """The tree without inner nodes that have no label, but with its root; undoes ``binary_tree``.

    Their children become those of the node above. A tree without labels stays.

    >>> tree = Tree(("a", "b", "c"), ((1, 2), (0, 3)), (2, 3, 4, -1, 0))
    >>> labelled_phrases(tree)
    Tree(words=('a', 'b', 'c'), children=((0, 1, 2),), labels=(2, 3, 4, 0))
    """
    if not tree.labels or UNLABELLED not in tree.labels:
        return tree
    n = len(tree.words)
    children: list[tuple[int, ...]] = []
    labels = [*tree.labels[:n]]
    new = dict(zip(range(n), range(n), strict=True))  # new nodes of the old ones that stay
    for node, below in enumerate(tree.children, n):
        if tree.labels[node] == UNLABELLED and node != tree.root:
            continue
        nodes: list[int] = []
        pending = [*reversed(below)]
        while pending:
            child = pending.pop()
            if child in new:
                nodes.append(new[child])
            else:
                pending += reversed(tree.children[child - n])
        new[node] = n + len(children)
        children.append(tuple(nodes))
        labels.append(tree.labels[node])
    return Tree(tree.words, tuple(children), tuple(labels))


def binary_trees(trees: Sequence[Tree], path: str | PathLike[str] | None = None) -> list[Tree]:
    """Binary trees, and a ``DataWarning`` that says how many of them were not.

    Args:
        trees: trees of any shape.
        path: their file, for the warning.
    """
    wide = sum(any(len(children) > 2 for children in tree.children) for tree in trees)
    chains = sum(any(len(children) == 1 for children in tree.children) for tree in trees)
    changes = []
    if wide:
        changes.append(
            f"{wide} had nodes with more than two children and got new nodes without labels"
        )
    if chains:
        changes.append(f"{chains} had nodes with a single child, of which the upper label counts")
    if changes:
        where = "" if path is None else f"{path}: "
        message = f"{where}of {len(trees)} trees {', '.join(changes)}"
        warnings.warn(message, DataWarning, stacklevel=2)
    return [binary_tree(tree) for tree in trees]

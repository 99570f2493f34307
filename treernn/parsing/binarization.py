"""Binarize trees of the Penn Treebank, as the Stanford Sentiment Treebank's trees are.

1. Remove empty elements, and phrases that consist of them.
2. Merge unary chains into one node, with the upper category.
3. Binarize phrases of more than two children from the head outwards: the head is joined with its
   right neighbours one by one, then with its left ones. All original spans remain.

Stanford CoreNLP does the same before it scores sentiment: ``BinarizerAnnotator`` calls
``TreeBinarizer.simpleTreeBinarizer`` (no Markovization; phrases of two children stay), then
``CollapseUnaryTransformer``.

With the first child as head the tree branches to the left, with the last one to the right, like
NLTK's ``chomsky_normal_form`` with ``factor="left"`` and ``"right"``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from treernn.corpora.penn import EMPTY, PennTree
from treernn.errors import InputError
from treernn.parsing.heads import collins_head
from treernn.types import Tree

HeadFinder = Callable[[str, Sequence[str]], int]
"""The index of the head child of a phrase, from its category and those of its children."""


def first_child(_category: str, _children: Sequence[str]) -> int:
    """Take the first child as head: ``(((a b) c) d)``."""
    return 0


def last_child(_category: str, children: Sequence[str]) -> int:
    """Take the last child as head: ``(a (b (c d)))``."""
    return len(children) - 1


def binarize(tree: PennTree, find_head: HeadFinder = collins_head) -> Tree:
    """Make a binary tree without labels.

    Args:
        tree: any tree.
        find_head: finds the head of a phrase of more than two children.

    Raises:
        InputError: the tree has only empty elements.

    >>> from treernn.corpora.penn import parse_penn
    >>> [tree] = parse_penn("(S (NP (PRP It)) (VP (VBZ is) (ADJP (JJ bad))) (. .))")
    >>> binarize(tree).children
    ((1, 2), (4, 3), (0, 5))
    """
    categories = [*tree.tags, *tree.categories]
    words = tuple(word for word, tag in zip(tree.words, tree.tags, strict=True) if tag != EMPTY)
    if not words:
        raise InputError("the tree has no words, only empty elements")
    new_leaves = iter(range(len(words)))
    # For each node of the tree its node in the new tree, None if it was removed.
    new_node = [None if tag == EMPTY else next(new_leaves) for tag in tree.tags]
    pairs: list[tuple[int, int]] = []
    for phrase, old_children in enumerate(tree.children, len(tree.words)):
        kept = [(new, child) for child in old_children if (new := new_node[child]) is not None]
        if not kept:
            new_node.append(None)
            continue
        nodes = [node for node, _ in kept]
        head = 0
        if len(kept) > 2:
            head = find_head(categories[phrase], [categories[child] for _, child in kept])
        node = nodes[head]
        for right in nodes[head + 1 :]:
            pairs.append((node, right))
            node = len(words) + len(pairs) - 1
        for left in reversed(nodes[:head]):
            pairs.append((left, node))
            node = len(words) + len(pairs) - 1
        new_node.append(node)
    return Tree(words, tuple(pairs))

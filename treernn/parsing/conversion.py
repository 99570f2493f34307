"""Trees of the Penn Treebank's kind to binary trees like those of the sentiment treebank.

1. Empty elements are dropped, and phrases in which nothing is left.
2. A phrase with a single child becomes one node with it, which counts by the upper category.
3. A phrase of more than two children is built outwards from its head: the head takes its right
   neighbours one by one, the nearest first, then its left ones. No original span is lost.

So does Stanford CoreNLP before it scores sentiment: ``BinarizerAnnotator`` calls
``TreeBinarizer.simpleTreeBinarizer`` (not inside, not Markov, two children stay as they are), and
``CollapseUnaryTransformer`` follows.

Other factorings are other heads: with the first child as head the tree branches to the left, with
the last one to the right, as NLTK's ``chomsky_normal_form`` does with ``factor="left"`` and
``"right"``, which refuses deep trees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from treernn.corpora.penn import EMPTY, PennTree
from treernn.errors import InputError
from treernn.parsing.heads import collins_head
from treernn.types import Tree

Head = Callable[[str, Sequence[str]], int]


def left(_category: str, _children: Sequence[str]) -> int:
    """The first child as head: ``(((a b) c) d)``."""
    return 0


def right(_category: str, children: Sequence[str]) -> int:
    """The last child as head: ``(a (b (c d)))``."""
    return len(children) - 1


def binary(tree: PennTree, head: Head = collins_head) -> Tree:
    """A binary tree without labels over the words of a tree.

    Args:
        tree: any number of children a phrase, empty elements, unary chains.
        head: gives the place of the head among the children of a phrase, from its category and
            theirs.

    Raises:
        InputError: the tree has nothing but empty elements.

    >>> from treernn.corpora.penn import parse_penn
    >>> [tree] = parse_penn("(S (NP (PRP It)) (VP (VBZ is) (ADJP (JJ bad))) (. .))")
    >>> binary(tree).children
    ((1, 2), (4, 3), (0, 5))
    """
    # For each old node its new number, None where nothing is left of it, and its category.
    number: list[int | None] = []
    category: list[str] = [*tree.tags, *tree.categories]
    words: list[str] = []
    for word, tag in zip(tree.words, tree.tags, strict=True):
        number.append(None if tag == EMPTY else len(words))
        if tag != EMPTY:
            words.append(word)
    if not words:
        raise InputError("the tree has no words, only empty elements")
    pairs: list[tuple[int, int]] = []
    num_words, num_leaves = len(words), len(tree.words)
    for place, below in enumerate(tree.children, num_leaves):
        kept = [child for child in below if number[child] is not None]
        nodes = [new for child in kept if (new := number[child]) is not None]
        if not nodes:
            number.append(None)
            continue
        centre = 0
        if len(nodes) > 2:
            centre = head(category[place], [category[child] for child in kept])
        node = nodes[centre]
        for other in nodes[centre + 1 :]:
            pairs.append((node, other))
            node = num_words + len(pairs) - 1
        for other in reversed(nodes[:centre]):
            pairs.append((other, node))
            node = num_words + len(pairs) - 1
        number.append(node)
    return Tree(tuple(words), tuple(pairs))

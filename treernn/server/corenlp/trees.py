"""Trees in the brackets of CoreNLP. Our phrases have no categories: all but the root are ``X``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from treernn.corpora.brackets import UNKNOWN, format_tree
from treernn.corpora.brackets import escape as escape_word
from treernn.corpora.nested import UNWRITABLE
from treernn.scoring.sentence import Sentence
from treernn.types import Tree

ROOT = "ROOT"


def one_line(tree: Tree) -> str:
    """``(ROOT (X …))``.

    >>> one_line(Tree(("not", "bad"), ((0, 1),)))
    '(ROOT (X (X not) (X bad)))'
    """
    return f"({ROOT} {format_tree(writable(tree), UNKNOWN * tree.num_nodes)})"


def writable(tree: Tree) -> Tree:
    """The tree with words that can be written in brackets: with no white space in them."""
    if not any(map(UNWRITABLE.search, tree.words)):
        return tree
    words = tuple("_".join(word.split()) or "_" for word in tree.words)
    return replace(tree, words=words)


def sentiment_labels(sentence: Sentence) -> list[str]:
    """For each node what CoreNLP writes: category, class and its probability."""
    categories = [UNKNOWN] * (sentence.tree.num_nodes - 1) + [ROOT]
    classes = sentence.tree.labels
    return [
        f"{category}|sentiment={label}|prob={row[label]:.3f}"
        for category, label, row in zip(categories, classes, sentence.distributions, strict=True)
    ]


def indented(tree: Tree, labels: Sequence[str]) -> str:
    r"""The tree on several lines, as the Penn Treebank prints it: a word stays on the line of its
    parent if it is the first child, or the child before it is a word.

    >>> print(indented(Tree(("not", "so", "bad"), ((1, 2), (0, 3))), list("ABCDE")))
    (E (A not)
      (D (B so) (C bad)))
    """
    tree = writable(tree)
    words = len(tree.words)
    pieces: list[str] = []
    pending: list[tuple[int, int, bool] | str] = [(tree.root, 0, True)]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        node, depth, same_line = item
        if pieces:
            pieces.append(" " if same_line else f"\n{'  ' * depth}")
        if node < words:
            pieces.append(f"({labels[node]} {escape_word(tree.words[node])})")
            continue
        pieces.append(f"({labels[node]}")
        pending.append(")")
        children = tree.children[node - words]
        for place in range(len(children) - 1, -1, -1):
            beside = place == 0 or children[place - 1] < words
            pending.append((children[place], depth + 1, children[place] < words and beside))
    return "".join(pieces)

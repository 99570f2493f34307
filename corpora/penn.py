"""Reader for trees of the Penn Treebank (Marcus, Santorini and Marcinkiewicz 1993).

``( (S (NP-SBJ (PRP It)) (VP (VBZ 's) (ADJP-PRD (JJ great)))))``: a word has a tag, a phrase a
category, which may be missing at the root. White space and line breaks are those of
``treernn.corpora.nested``; words are escaped as in ``treernn.corpora.brackets``. Empty elements,
with the tag ``-NONE-``, functional tags and unary chains are kept;
``treernn.parsing.binarization`` removes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import IO

from treernn.corpora.brackets import unescape
from treernn.corpora.nested import Nested, parse_nested
from treernn.tables.encoding import read_text

EMPTY = "-NONE-"


@dataclass(frozen=True, slots=True)
class PennTree:
    """A parse tree with tags and categories. Nodes are numbered as in ``Tree``: word ``i`` is node
    ``i``, phrase ``k`` is node ``len(words) + k``; the last node is the root.

    Attributes:
        words: the words in order, with empty elements.
        tags: tag of each word; ``-NONE-`` for an empty element.
        children: for each phrase the nodes of its children, left to right, at least one.
        categories: category of each phrase with functional tags; ``""`` if it is missing.

    >>> parse_penn("( (NP-SBJ (PRP It)))")
    [PennTree(words=('It',), tags=('PRP',), children=((0,), (1,)), categories=('NP-SBJ', ''))]
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    children: tuple[tuple[int, ...], ...] = ()
    categories: tuple[str, ...] = ()


def read_penn(
    source: str | PathLike[str] | IO[bytes] | IO[str], path: str | PathLike[str] | None = None
) -> list[PennTree]:
    """Read all trees of a file.

    Args:
        source: a path or an open file.
        path: the name of an open file, for errors.

    Raises:
        MissingDataError: there is no such file.
        DataError: the file has anything else than trees or is not UTF-8; with line and column.
    """
    name = source if isinstance(source, str | PathLike) else path
    return parse_penn(read_text(source, path), name)


def parse_penn(text: str, path: str | PathLike[str] | None = None) -> list[PennTree]:
    """Read all trees of a text.

    Args:
        text: any number of trees.
        path: the file, for errors.

    Raises:
        DataError: the text has anything else than trees; with line and column.

    >>> [tree] = parse_penn("(S (NP (PRP It)) (VP (VBZ works)) (. .))")
    >>> tree.words, tree.categories
    (('It', 'works', '.'), ('NP', 'VP', 'S'))
    """
    return [penn_tree(tree) for tree in parse_nested(text, path)]


def penn_tree(tree: Nested) -> PennTree:
    """The tree with its words decoded."""
    n = len(tree.words)
    tags, categories = tree.labels[:n], tree.labels[n:]
    words = (
        word if tag == EMPTY else unescape(word) for word, tag in zip(tree.words, tags, strict=True)
    )
    return PennTree(tuple(words), tags, tree.children, categories)

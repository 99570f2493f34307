"""Reader for trees of the Penn Treebank (Marcus, Santorini and Marcinkiewicz 1993).

``( (S (NP-SBJ (PRP It)) (VP (VBZ 's) (ADJP-PRD (JJ great)))))``: a word has a tag, a phrase a
category, which may be missing at the root. Trees may have line breaks. Words are escaped as in
``treernn.corpora.brackets``; separators are ASCII whitespace. Empty elements (tag ``-NONE-``),
functional tags and unary chains are kept; ``treernn.parsing.binarization`` removes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import PathLike
from typing import IO

from treernn.corpora.brackets import unescape
from treernn.errors import DataError
from treernn.tables.encoding import read_text

EMPTY = "-NONE-"

# A tag with its word, the start of a phrase, the end of one, or an error.
_TOKEN = re.compile(
    r"\(\s*([^\s()]+)\s+([^\s()]+)\s*\)|\(\s*([^\s()]*)(?=\s*\()|(\))|([^\s)])", re.ASCII
)
_NODE = re.compile(r"\(\s*([^\s()]*)\s*([^\s()]*)\s*([^\s()]*)", re.ASCII)
_ATOM = re.compile(r"[^\s()]+", re.ASCII)


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
    trees: list[PennTree] = []
    words: list[str] = []
    tags: list[str] = []
    children: list[list[int]] = []
    categories: list[str] = []
    open_phrases: list[tuple[str, list[int], int]] = []  # category, left siblings, text position
    current: list[int] = []  # children of the innermost open phrase so far; ~k for phrase k
    for token in _TOKEN.finditer(text):
        tag, word, opened, closed, error = token.groups()
        if word:
            current.append(len(words))
            tags.append(tag)
            words.append(unescape(word) if tag != EMPTY else word)
        elif closed and open_phrases:
            category, siblings, _ = open_phrases.pop()
            siblings.append(~len(children))
            children.append(current)
            categories.append(category)
            current = siblings
        elif closed:
            raise _error("closing bracket without an opening one", text, token.start(), path)
        elif error:
            problem = _problem(text, token.start(), bool(open_phrases))
            raise _error(problem, text, token.start(), path)
        else:
            open_phrases.append((opened, current, token.start()))
            current = []
        if not open_phrases:
            n = len(words)
            numbered = tuple(tuple(c if c >= 0 else n + ~c for c in nodes) for nodes in children)
            trees.append(PennTree(tuple(words), tuple(tags), numbered, tuple(categories)))
            words, tags, children, categories, current = [], [], [], [], []
    if open_phrases:
        raise _error("bracket is never closed", text, open_phrases[-1][2], path)
    return trees


def _problem(text: str, at: int, inside: bool) -> str:
    """Why there is neither a word nor a phrase at a position of the text."""
    if text[at] != "(":
        atom = _ATOM.match(text, at)
        assert atom is not None
        if inside:
            return f"mixed node, the word {atom[0]!r} follows a subtree"
        return f"expected an opening bracket, found {atom[0]!r}"
    node = _NODE.match(text, at)
    assert node is not None
    _, word, second = node.groups()
    if second:
        return f"second word {second!r} in one leaf, expected a closing bracket"
    if node.end() == len(text):
        return "bracket is never closed"
    if word:
        return f"mixed node, a subtree follows the word {word!r}"
    return "empty node, expected a tag and a word, or subtrees"


def _error(problem: str, text: str, at: int, path: str | PathLike[str] | None) -> DataError:
    line_start = text.rfind("\n", 0, at) + 1
    return DataError(problem, path, text.count("\n", 0, at) + 1, at - line_start + 1)

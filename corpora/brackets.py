r"""Trees in brackets: reader for the Stanford Sentiment Treebank, and a writer.

``(3 (2 It) (4 (2 's) (4 great)))``: each node has a class 0 to 4, then one word or its children;
one tree per line. As in the Penn Treebank, ``/`` and ``*`` in a word are written ``\/`` and ``\*``,
and brackets ``-LRB-`` ``-RRB-`` ``-LCB-`` ``-RCB-`` ``-LSB-`` ``-RSB-``. In addition, ``\\`` stands
for a backslash and ``\-`` for the hyphen of a word like ``-LRB-``: all words can be written. The
only separator is the ASCII space; a no-break space is part of a word. Lines end with ``\n`` or
``\r\n``; blank lines are skipped.

Format: Socher et al. (2013), https://nlp.stanford.edu/sentiment/treebank.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from os import PathLike
from typing import IO

from treernn.errors import DataError, InputError
from treernn.tables.encoding import read_text
from treernn.types import Tree

UNKNOWN = "X"

# A leaf, the start of an inner node, the end of one, or an error.
_TOKEN = re.compile(
    r" *(?:\( *([0-4]) +([^ ()\n]+) *\)|\( *([0-4])(?= *\()|(\))|([^ ]))",
)
_SEPARATOR, _PENN_SEPARATOR = re.compile(r"[ \n]"), re.compile(r"\s", re.ASCII)
_WORD_OR_BRACKET = re.compile(r"[()\n]|[^ ()\n]+")

_BRACKETS = {"LRB": "(", "RRB": ")", "LCB": "{", "RCB": "}", "LSB": "[", "RSB": "]"}
_NAMES = {bracket: f"-{name}-" for name, bracket in _BRACKETS.items()}
_ESCAPED = re.compile(r"\\([/*\\-])|-([LR][RCS]B)-")
_SPECIAL = re.compile(r"([/*\\]|-(?=[LR][RCS]B))|([(){}\[\]])")


def read_brackets(
    source: str | PathLike[str] | IO[bytes] | IO[str], path: str | PathLike[str] | None = None
) -> list[Tree]:
    """Read all trees of a file.

    Args:
        source: a path or an open file.
        path: the name of an open file, for errors.

    Raises:
        MissingDataError: there is no such file.
        DataError: a line is not a tree or not UTF-8; with path, line and column.
    """
    name = source if isinstance(source, str | PathLike) else path
    return [
        parse_line(line, name, number)
        for number, line in enumerate(read_text(source, path).split("\n"), 1)
        if line.strip(" \r")
    ]


def parse_line(
    line: str, path: str | PathLike[str] | None = None, line_number: int | None = None
) -> Tree:
    r"""Read one tree. Inner nodes are in the order of their closing brackets.

    Args:
        line: the tree, with or without a line end.
        path: the file, for errors.
        line_number: the number of the line, for errors.

    Raises:
        DataError: the line is not one labelled tree.

    >>> parse_line(r"(4 (2 and\/or) (3 fun))")
    Tree(words=('and/or', 'fun'), children=((0, 1),), labels=(2, 3, 4))
    """
    line = line.removesuffix("\n").removesuffix("\r").rstrip(" ")
    tokens = _TOKEN.findall(line)
    words = [token[1] for token in tokens if token[1]]
    num_words = len(words)
    labels: list[str] = [token[0] for token in tokens if token[0]]
    children: list[tuple[int, ...]] = []
    open_labels: list[str] = []
    open_children: list[list[int]] = []
    siblings: list[int] = []  # children of the innermost open node so far; of none: the roots
    leaf, inner = 0, num_words
    for _, word, opened, closed, error in tokens:
        if word:
            siblings.append(leaf)
            leaf += 1
        elif opened:
            open_labels.append(opened)
            open_children.append(siblings)
            siblings = []
        elif closed and open_labels:
            labels.append(open_labels.pop())
            children.append(tuple(siblings))
            siblings = open_children.pop()
            siblings.append(inner)
            inner += 1
        else:
            assert closed or error
            raise _explain(line, path, line_number)
    if open_labels or len(siblings) != 1:
        raise _explain(line, path, line_number)
    if "\\" in line or "B-" in line:
        words = [unescape(word) for word in words]
    return Tree(tuple(words), tuple(children), tuple(map(int, labels)))


def format_tree(tree: Tree, labels: Sequence[object] | None = None) -> str:
    r"""Write one tree in brackets, without a line end.

    ``parse_line`` reads back a tree with labels 0 to 4, ``treernn.corpora.penn`` one without.

    Args:
        tree: the tree.
        labels: what to write at each node. Default: the labels of the tree, or ``X``, the Penn
            Treebank's category for unknown, if it has none.

    Raises:
        InputError: only some nodes have a label 0 to 4; or a word is empty or has a character that
            the readers take for a separator.

    >>> format_tree(Tree((":(", "fun"), ((0, 1),), (1, 4, 2)))
    '(2 (1 :-LRB-) (4 fun))'
    >>> format_tree(Tree((":(", "fun"), ((0, 1),)))
    '(X (X :-LRB-) (X fun))'
    """
    separator = _SEPARATOR if labels or tree.labels else _PENN_SEPARATOR
    if labels is None and tree.labels:
        labels = tree.labels
        if len(labels) != tree.num_nodes or not set(labels) <= {0, 1, 2, 3, 4}:
            raise InputError("a tree in brackets needs a label 0 to 4 at every node")
    labels = labels or UNKNOWN * tree.num_nodes
    closing = Counter(end for _, end in tree.spans())
    pieces: list[str] = []
    for node in pre_order(tree):
        pieces.append(f" ({labels[node]}")
        if node < len(tree.words):
            word = tree.words[node]
            if not word or separator.search(word):
                raise InputError(
                    f"word {node + 1} {word!r} cannot be written in brackets, it is empty or has "
                    "a blank or a line feed"
                )
            pieces.append(f" {escape(word)}{')' * closing[node + 1]}")
    return "".join(pieces)[1:]


def pre_order(tree: Tree) -> list[int]:
    """The nodes of a tree, each before its children, from left to right.

    >>> pre_order(Tree(("not", "bad", "."), ((0, 1), (3, 2))))
    [4, 3, 0, 1, 2]
    """
    starts = [start for start, _ in tree.spans()]
    return sorted(range(tree.num_nodes), key=lambda node: (starts[node], -node))


def unescape(word: str) -> str:
    r"""Decode a word of a tree in brackets.

    >>> unescape("-LRB-"), unescape(r"and\/or")
    ('(', 'and/or')
    """
    return _ESCAPED.sub(_unescape, word)


def escape(word: str) -> str:
    r"""Encode a word for a tree in brackets; ``unescape`` is the inverse.

    >>> escape("("), escape("and/or")
    ('-LRB-', 'and\\/or')
    """
    return _SPECIAL.sub(_escape, word)


def _unescape(match: re.Match[str]) -> str:
    return match[1] or _BRACKETS[match[2]]


def _escape(match: re.Match[str]) -> str:
    return "\\" + match[1] if match[1] else _NAMES[match[2]]


def _explain(line: str, path: str | PathLike[str] | None, line_number: int | None) -> DataError:
    """The error in a line that ``parse_line`` cannot read, with its column."""

    def error(problem: str, column: int) -> DataError:
        return DataError(problem, path, line_number, column + 1)

    columns: list[int] = []  # of the open nodes, outermost first
    last: list[str] = []  # the last part of each open node: "", "label", "word" or "subtree"
    complete = False
    for match in _WORD_OR_BRACKET.finditer(line):
        token, column = match[0], match.start()
        if token == "\n":
            return error("line break, a tree stands on one line", column)
        if token == ")" and not columns:
            return error("closing bracket without an opening one", column)
        if complete:
            return error("text after the tree, expected one tree a line", column)
        if token == ")":
            if last[-1] == "":
                return error("missing label, expected 0 to 4", column)
            if last[-1] == "label":
                return error("empty node, expected a word or subtrees after the label", column)
            columns.pop()
            last.pop()
            complete = not columns
        elif not columns and token != "(":
            return error(f"expected an opening bracket, found {token!r}", column)
        elif columns and last[-1] == "":
            if token == "(":
                return error("missing label, expected 0 to 4", column)
            if re.fullmatch(r"[-+]?[0-9.]*[0-9]", token) and token not in set("01234"):
                return error(f"label {token} is out of range, expected 0 to 4", column)
            if token not in set("01234"):
                return error(f"label {token!r} is not a number, expected 0 to 4", column)
            last[-1] = "label"
        elif token == "(":
            if columns:
                if last[-1] == "word":
                    return error("mixed node, a subtree follows a word", column)
                last[-1] = "subtree"
            columns.append(column)
            last.append("")
        elif last[-1] == "subtree":
            return error(f"mixed node, the word {token!r} follows a subtree", column)
        elif last[-1] == "word":
            return error(f"second word {token!r} in one leaf, expected a closing bracket", column)
        else:
            last[-1] = "word"
    if columns:
        return error("bracket is never closed", columns[-1])
    return error("no tree, the line is blank", 0)

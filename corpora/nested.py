r"""The syntax that trees in brackets share, whatever their labels mean.

``(S (NP (PRP It)) (VP works))``: a node is a label with one word or with its child nodes; a label
before child nodes may be missing. Trees may stand on one line, on several, or several on one line.
Any white space separates, also tabs and no-break spaces, and byte order marks of joined files are
skipped. A word may contain no-break spaces and others beyond ASCII, as in the Stanford Sentiment
Treebank, but not at its ends.

``treernn.corpora.brackets`` reads trees with classes as labels, ``treernn.corpora.penn`` those of
the Penn Treebank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike

from treernn.errors import DataError

# Possessive quantifiers keep the time linear in the text, whatever it is.
_ATOM = r"[^\s()]++"
_WORD = rf"{_ATOM}(?:[^\S \t\n\r\f\v]++{_ATOM})*+"
# A leaf, the start of an inner node, the end of one, or an error.
_TOKEN = re.compile(
    rf"[\s\ufeff]*+(?:\(\s*+({_ATOM})\s++({_WORD})\s*+\)"
    rf"|\(\s*+((?:{_ATOM})?+)\s*+(?=\()|(\))|(\S))"
)
_SPACES, _BLANKS = re.compile(r"\s*+"), re.compile(r"[\s\ufeff]*+")
_LABEL, _PIECE = re.compile(_ATOM), re.compile(_WORD)
_ALL_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff"
_AT_LINE_START = re.compile(r"^\(", re.M)

UNWRITABLE = re.compile(r"[ \t\n\r\f\v]|\A\s|\s\Z|\A\Z")
"""Matches in a word that cannot be written in brackets."""


@dataclass(frozen=True, slots=True)
class Nested:
    """A tree as it is written. Nodes are numbered as in ``Tree``: words, then inner nodes in the
    order of their closing brackets.

    Attributes:
        words: the words, still escaped.
        labels: the label of each node; ``""`` if it is missing.
        children: for each inner node the nodes of its children, left to right, at least one.
        start: position of the tree in the text.
    """

    words: tuple[str, ...]
    labels: tuple[str, ...]
    children: tuple[tuple[int, ...], ...]
    start: int


def parse_nested(text: str, path: str | PathLike[str] | None = None) -> Iterator[Nested]:
    """Read all trees of a text, one by one.

    Args:
        text: any number of trees.
        path: the file, for errors.

    Raises:
        DataError: the text has anything else than trees; with line and column.

    >>> [tree] = parse_nested("(3 (2 It)\\n   (3 works))")
    >>> tree.words, tree.labels, tree.children
    (('It', 'works'), ('2', '3', '3'), ((0, 1),))
    """
    _check_characters(text, path)
    end = len(text.rstrip(_ALL_BLANKS))
    words: list[str] = []
    leaf_labels: list[str] = []
    inner_labels: list[str] = []
    children: list[list[int]] = []
    opened: list[tuple[str, list[int]]] = []  # label and left siblings of each open node
    current: list[int] = []  # children of the innermost open node so far; ~k for inner node k
    start = 0
    for token in _TOKEN.finditer(text, 0, end):
        label, word, inner, closed, error = token.groups()
        if not opened:
            start = _BLANKS.match(text, token.start(), end).end()  # type: ignore[union-attr]
        if word:
            current.append(len(words))
            leaf_labels.append(label)
            words.append(word)
        elif closed and opened:
            above, siblings = opened.pop()
            siblings.append(~len(children))
            children.append(current)
            inner_labels.append(above)
            current = siblings
        elif closed:
            raise error_at("closing bracket without an opening one", text, start, path)
        elif error:
            raise _fault(text, start, end, path)
        else:
            opened.append((inner, current))
            current = []
        if not opened:
            n = len(words)
            numbered = tuple(tuple(c if c >= 0 else n + ~c for c in nodes) for nodes in children)
            yield Nested(tuple(words), (*leaf_labels, *inner_labels), numbered, start)
            words, leaf_labels, inner_labels, children, current = [], [], [], [], []
    if opened:
        # A tree starts at the start of a line: there the open one should have ended.
        following = _AT_LINE_START.search(text, start + 1, end)
        raise _fault(text, start, following.start() if following else end, path)


def error_at(
    problem: str,
    text: str,
    at: int,
    path: str | PathLike[str] | None = None,
    tree: int | None = None,
) -> DataError:
    """An error at a position of the text, which may be in a tree that starts at ``tree``."""
    line, column = place(text, at)
    if tree is not None and (start := place(text, tree)[0]) < line:
        problem += f" (in the tree that starts on line {start})"
    return DataError(problem, path, line, column)


def _check_characters(text: str, path: str | PathLike[str] | None) -> None:
    """Refuse halves of characters, which JSON can have and no file can be written with."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise error_at("half a character (a lone surrogate)", text, error.start, path) from None


def place(text: str, at: int) -> tuple[int, int]:
    """Line and column of a position, from 1; lines end with a line feed, else with returns."""
    end = "\n" if "\n" in text else "\r"
    return text.count(end, 0, at) + 1, at - text.rfind(end, 0, at)


def label_positions(text: str, tree: Nested) -> list[int]:
    """The position of each node's label; of its opening bracket if it has none."""
    leaves: list[int] = []
    inner: list[int] = []
    opened: list[int] = []
    for token in _TOKEN.finditer(text, tree.start):
        _, word, label, closed, _ = token.groups()
        if word:
            leaves.append(token.start(1))
        elif closed:
            inner.append(opened.pop())
        else:
            opened.append(token.start(3) if label else text.index("(", token.start()))
        if not opened:
            break
    return leaves + inner


def _fault(text: str, start: int, end: int, path: str | PathLike[str] | None) -> DataError:
    """The first error in a tree that cannot be read."""
    if text[start] != "(":
        piece = _PIECE.match(text, start, end)
        assert piece is not None
        return error_at(f"expected an opening bracket, found {piece[0][:40]!r}", text, start, path)
    opened: list[int] = []
    last: list[str] = []  # the last part of each open node: "", "label", "word" or "subtree"

    def error(problem: str, at: int) -> DataError:
        return error_at(problem, text, at, path, start)

    at = start
    while at < end:
        if text[at] == "(":
            if last and last[-1] == "word":
                if text[at - 1] == "\n":
                    break
                return error("mixed node, a subtree follows a word", at)
            if last:
                last[-1] = "subtree"
            opened.append(at)
            last.append("")
            at += 1
        elif text[at] == ")":
            if last[-1] == "":
                return error("empty node, expected a label and a word, or subtrees", at)
            if last[-1] == "label":
                return error("empty node, expected a word or subtrees after the label", at)
            opened.pop()
            last.pop()
            at += 1
        else:
            piece = (_PIECE if last[-1] else _LABEL).match(text, at, end)
            assert piece is not None
            if last[-1] == "subtree":
                return error(f"mixed node, the word {piece[0][:40]!r} follows a subtree", at)
            if last[-1] == "word":
                problem = f"second word {piece[0][:40]!r} in one leaf, expected a closing bracket"
                return error(problem, at)
            last[-1] = "word" if last[-1] else "label"
            at = piece.end()
        if not opened:
            break
        # A byte order mark is blank between nodes only.
        blanks = _BLANKS if last[-1] == "subtree" else _SPACES
        at = blanks.match(text, at, end).end()  # type: ignore[union-attr]
    return error("bracket is never closed", opened[-1] if opened else start)

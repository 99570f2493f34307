r"""Trees in brackets with a class at each node: reader, and a writer for all trees.

``(3 (2 It) (4 (2 's) (4 great)))``: each node has a class 0 to 4, or -1 if it has none, then one
word or its children. That is the format of the Stanford Sentiment Treebank; for the white space and
line breaks that may stand between its parts see ``treernn.corpora.nested``. Also read are

- a class as a whole decimal number or in words: ``3.0``, ``positive``, ``very-negative``;
- what CoreNLP prints: ``(ROOT|sentiment=3|prob=0.524 (NP|sentiment=2|prob=0.996 I) …)``, where a
  category alone is a node without a class, and classes with a probability: ``(3|0.52 …)``;
- one more pair of brackets around a tree, empty or named ROOT, TOP or S1.

As in the Penn Treebank, ``/`` and ``*`` in a word are written ``\/`` and ``\*``, and brackets
``-LRB-`` ``-RRB-`` ``-LCB-`` ``-RCB-`` ``-LSB-`` ``-RSB-``. In addition, ``\\`` stands for a
backslash and ``\-`` for the hyphen of a word like ``-LRB-``.

Format: Socher et al. (2013), https://nlp.stanford.edu/sentiment/treebank.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from os import PathLike
from typing import IO

from treernn.corpora.corenlp import sentiment_trees
from treernn.corpora.nested import UNWRITABLE, Nested, error_at, label_positions, parse_nested
from treernn.errors import DataError, InputError
from treernn.tables.encoding import read_text
from treernn.types import LABELS, UNLABELLED, Tree

UNKNOWN = "X"

_CLASSES = {str(label): label for label in range(UNLABELLED, len(LABELS))}
_NAMED = {re.sub("[^a-z]", "", name): label for label, name in enumerate(LABELS)}
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?|[-+]?\.[0-9]+")
_CORENLP = re.compile(r"\|sentiment=([^|]*)")
# Labels that mean a class to their writer, but not which of the five. (``POS`` is a Penn tag.)
_OTHER_CLASSES = {"pos", "neg", "neu"}
_WRAPPERS = {"", "ROOT", "TOP", "S1"}

_BRACKETS = {"LRB": "(", "RRB": ")", "LCB": "{", "RCB": "}", "LSB": "[", "RSB": "]"}
_NAMES = {bracket: f"-{name}-" for name, bracket in _BRACKETS.items()}
_ESCAPED = re.compile(r"\\([/*\\-])|-([LR][RCS]B)-")
_SPECIAL = re.compile(r"([/*\\]|-(?=[LR][RCS]B))|([(){}\[\]])")
_PARENTHESIS = re.compile(r"(\\|-(?=[LR][RCS]B))|([()])")


def read_brackets(
    source: str | PathLike[str] | IO[bytes] | IO[str], path: str | PathLike[str] | None = None
) -> list[Tree]:
    """Read all trees of a file.

    Args:
        source: a path or an open file.
        path: the name of an open file, for errors.

    Raises:
        MissingDataError: there is no such file.
        DataError: the file has anything else than trees with classes, or is not UTF-8; with path,
            line and column.
    """
    name = source if isinstance(source, str | PathLike) else path
    return parse_brackets(sentiment_trees(read_text(source, path)), name)


def parse_brackets(text: str, path: str | PathLike[str] | None = None) -> list[Tree]:
    r"""Read all trees of a text. Inner nodes are in the order of their closing brackets.

    Args:
        text: any number of trees.
        path: the file, for errors.

    Raises:
        DataError: the text has anything else than trees with classes; with line and column.

    >>> parse_brackets(r"(4 (2 and\/or) (3 fun))")
    [Tree(words=('and/or', 'fun'), children=((0, 1),), labels=(2, 3, 4))]
    """
    return labelled_trees(parse_nested(text, path), text, path)


def parse_line(
    line: str, path: str | PathLike[str] | None = None, line_number: int | None = None
) -> Tree:
    r"""Read one tree.

    Args:
        line: the tree, with or without a line end.
        path: the file, for errors.
        line_number: the number of the line, for errors.

    Raises:
        DataError: the line is not one tree with classes.

    >>> parse_line(r"(4 (2 and\/or) (3 fun))")
    Tree(words=('and/or', 'fun'), children=((0, 1),), labels=(2, 3, 4))
    """
    try:
        trees = [*parse_nested(line)]
        if len(trees) > 1:
            raise error_at("text after the tree, expected one tree", line, trees[1].start)
        if not trees:
            raise DataError("no tree, the line is blank", line=1, column=1)
        [tree] = labelled_trees(trees, line)
    except DataError as error:
        problem = str(error).partition(": ")[2]
        at = None if line_number is None else line_number + (error.line or 1) - 1
        raise DataError(problem, path, at, error.column) from None
    return tree


def has_classes(tree: Nested) -> bool:
    """Whether any label is a class, or was perhaps meant as one."""
    return any(map(_is_class, set(tree.labels)))


def labelled_trees(
    trees: Iterable[Nested], text: str, path: str | PathLike[str] | None = None
) -> list[Tree]:
    """Trees whose labels are classes; a tree without any class has no labels.

    Args:
        trees: the trees of the text.
        text: where they are written, for errors.
        path: the file, for errors.

    Raises:
        DataError: a label is no class.
    """
    escaped = "\\" in text or "B-" in text
    result = []
    for tree in trees:
        try:
            labels = tuple(map(_CLASSES.__getitem__, tree.labels))
        except KeyError:
            tree, labels = _read_labels(tree, text, path)
        words = tuple(map(unescape, tree.words)) if escaped else tree.words
        result.append(Tree(words, tree.children, labels if max(labels) >= 0 else ()))
    return result


def format_tree(tree: Tree, labels: Sequence[object] | None = None) -> str:
    r"""Write one tree in brackets, without a line end.

    ``parse_line`` reads back a tree with labels, ``treernn.corpora.penn`` one without.

    Args:
        tree: the tree.
        labels: what to write at each node. Default: the labels of the tree, or ``X``, the Penn
            Treebank's category for unknown, if it has none.

    Raises:
        InputError: there is not a label -1 to 4 for each node; or a word is empty, has ASCII white
            space, or other white space at an end.

    >>> format_tree(Tree((":(", "fun"), ((0, 1),), (1, 4, 2)))
    '(2 (1 :-LRB-) (4 fun))'
    >>> format_tree(Tree((":(", "fun"), ((0, 1),)))
    '(X (X :-LRB-) (X fun))'
    """
    if labels is None and tree.labels:
        labels = tree.labels
        if len(labels) != tree.num_nodes or not set(labels) <= set(_CLASSES.values()):
            raise InputError("a tree in brackets needs a label 0 to 4, or -1, at every node")
    labels = labels or UNKNOWN * tree.num_nodes
    closing = Counter(end for _, end in tree.spans())
    pieces: list[str] = []
    for node in pre_order(tree):
        pieces.append(f" ({labels[node]}")
        if node < len(tree.words):
            word = tree.words[node]
            if UNWRITABLE.search(word):
                raise InputError(
                    f"word {node + 1} {word!r} cannot be written in brackets, it is empty or has "
                    "white space in it"
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


def read_class(label: str) -> int | None:
    """The class that a label means; -1 for none; None if it means no class.

    >>> [read_class(label) for label in ("3", "3.0", "-1", "7", "Very_positive", "NP|sentiment=1")]
    [3, 3, -1, None, 4, 1]
    """
    part = _class_part(label)
    if _NUMBER.fullmatch(part):
        value = float(part)
        return int(value) if value in _CLASSES.values() else None
    return _NAMED.get(re.sub("[ _-]", "", part.lower()))


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


def escape_parentheses(word: str) -> str:
    r"""Encode a word for a program that writes all but parentheses as they are, such as NLTK.

    >>> escape_parentheses("("), escape_parentheses("and/or"), escape_parentheses("-LRB-")
    ('-LRB-', 'and/or', '\\-LRB-')
    """
    return _PARENTHESIS.sub(_escape, word)


def _unescape(match: re.Match[str]) -> str:
    return match[1] or _BRACKETS[match[2]]


def _escape(match: re.Match[str]) -> str:
    return "\\" + match[1] if match[1] else _NAMES[match[2]]


def _read_labels(
    tree: Nested, text: str, path: str | PathLike[str] | None
) -> tuple[Nested, tuple[int, ...]]:
    """The tree without brackets around it, and the class of each node."""
    inner = len(tree.children)
    while inner and len(tree.children[inner - 1]) == 1 and _wraps(tree, inner - 1):
        inner -= 1
    nodes, whole = len(tree.words) + inner, tree
    tree = Nested(tree.words, tree.labels[:nodes], tree.children[:inner], tree.start)
    is_corenlp = any(_CORENLP.search(label) for label in tree.labels)
    labels: list[int | None] = []
    for label in tree.labels:
        if is_corenlp and label and not _is_class(label):
            labels.append(UNLABELLED)
        else:
            labels.append(read_class(label))
    if None in labels:
        places = label_positions(text, whole)[:nodes]
        at, label = min(
            (at, label)
            for at, label, value in zip(places, tree.labels, labels, strict=True)
            if value is None
        )
        raise error_at(_problem(label), text, at, path, tree.start)
    return tree, tuple(label for label in labels if label is not None)


def _wraps(tree: Nested, inner: int) -> bool:
    """Whether this inner node is nothing but brackets around a tree."""
    return tree.labels[len(tree.words) + inner].upper() in _WRAPPERS


def _class_part(label: str) -> str:
    """The class in a label such as ``NP|sentiment=2|prob=0.996`` or ``2|0.98``."""
    match = _CORENLP.search(label)
    return match[1] if match else label.partition("|")[0]


def _is_class(label: str) -> bool:
    part = _class_part(label)
    return (
        part in _CLASSES
        or part.lstrip("+-.")[:1].isdigit()
        or _CORENLP.search(label) is not None
        or part in _OTHER_CLASSES
        or read_class(label) is not None
    )


def _problem(label: str) -> str:
    if not label:
        return "missing label, expected 0 to 4"
    if _NUMBER.fullmatch(part := _class_part(label)):
        return f"label {part[:40]} is out of range, expected 0 to 4"
    return f"label {label[:40]!r} is not a number, expected 0 to 4"

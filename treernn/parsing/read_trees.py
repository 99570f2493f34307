"""Trees that a user gives, in place of a parser's."""

from __future__ import annotations

import re
from os import PathLike

from treernn.corpora.brackets import read_brackets
from treernn.corpora.penn import parse_penn
from treernn.errors import DataError, InputError
from treernn.parsing.conversion import binary
from treernn.tables.encoding import decode, read_bytes
from treernn.types import Tree

_SENTIMENT = re.compile(r"\s*\(\s*[0-9]+[\s(]")


def read_trees(path: str | PathLike[str]) -> list[Tree]:
    """Read a file of trees in either kind of brackets, told apart by the first label.

    A number begins a file of sentiment trees, one a line (``treernn.corpora.brackets``); they
    come with their labels and as they are. All else is Penn brackets (``treernn.corpora.penn``),
    of which binary trees without labels are made (``treernn.parsing.conversion``).

    Raises:
        MissingDataError: there is no such file.
        DataError: it holds no trees, or something else than trees; with line and column.
    """
    text = decode(read_bytes(path), path)
    if _SENTIMENT.match(text):
        return read_brackets(path)
    trees = []
    for number, tree in enumerate(parse_penn(text, path), 1):
        try:
            trees.append(binary(tree))
        except InputError as error:
            raise DataError(f"tree {number}: {error}", path) from None
    if not trees:
        raise DataError("no trees in this file", path)
    return trees

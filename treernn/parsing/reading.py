"""Read trees from a file instead of parsing."""

from __future__ import annotations

import re
from os import PathLike

from treernn.corpora.brackets import read_brackets
from treernn.corpora.penn import parse_penn
from treernn.errors import DataError, InputError
from treernn.parsing.binarization import binarize
from treernn.tables.encoding import read_text
from treernn.types import Tree

_SENTIMENT = re.compile(r"\s*\(\s*[0-9]+[\s(]")


def read_trees(path: str | PathLike[str]) -> list[Tree]:
    """Read a file of sentiment trees or of Penn Treebank trees.

    If the first label is a number, the file has sentiment trees, one per line
    (``treernn.corpora.brackets``), which are returned with their labels. Otherwise it has Penn
    Treebank trees (``treernn.corpora.penn``), which are binarized and have no labels.

    Raises:
        MissingDataError: there is no such file.
        DataError: the file has no trees or anything else; with line and column.
    """
    text = read_text(path)
    if _SENTIMENT.match(text):
        return read_brackets(path)
    trees = []
    for number, tree in enumerate(parse_penn(text, path), 1):
        try:
            trees.append(binarize(tree))
        except InputError as error:
            raise DataError(f"tree {number}: {error}", path) from None
    if not trees:
        raise DataError("no trees in this file", path)
    return trees

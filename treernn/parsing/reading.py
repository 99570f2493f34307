"""Read trees from a file instead of parsing."""

from __future__ import annotations

from os import PathLike

from treernn.corpora.brackets import has_classes, labelled_trees
from treernn.corpora.corenlp import sentiment_trees
from treernn.corpora.nested import error_at, parse_nested
from treernn.corpora.penn import penn_tree
from treernn.errors import DataError, InputError
from treernn.parsing.binarization import binarize
from treernn.tables.encoding import read_text
from treernn.types import Tree


def read_trees(path: str | PathLike[str]) -> list[Tree]:
    """Read a file of trees with classes or of Penn Treebank trees.

    If any label is a class (``treernn.corpora.brackets``), all must be, and the trees are returned
    with their labels, in any shape. Otherwise the file has Penn Treebank trees
    (``treernn.corpora.penn``), which are binarized and have no labels.

    Raises:
        MissingDataError: there is no such file.
        DataError: the file has no trees or anything else; with line and column.
    """
    return parse_trees(read_text(path), path)


def parse_trees(text: str, path: str | PathLike[str] | None = None) -> list[Tree]:
    """The trees in the text of a file, see ``read_trees``.

    Raises:
        DataError: as ``read_trees``.
    """
    text = sentiment_trees(text)
    nested = [*parse_nested(text, path)]
    if not nested:
        raise DataError("no trees in this file", path)
    if any(map(has_classes, nested)):
        for tree in nested:
            if not has_classes(tree):
                problem = "this tree has no classes, but others of the file have; keep them apart"
                raise error_at(problem, text, tree.start, path)
        return labelled_trees(nested, text, path)
    trees = []
    for tree in nested:
        try:
            trees.append(binarize(penn_tree(tree)))
        except InputError as error:
            raise error_at(str(error), text, tree.start, path) from None
    return trees

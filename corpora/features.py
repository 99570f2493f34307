"""The features that sentences of product reviews say something about, as marked by hand (Hu and Liu
2004); the files are those of ``treernn.corpora.products``.
"""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from treernn.corpora import locations
from treernn.corpora.archives import read_files
from treernn.corpora.products import DATA, PARTS, read_lines
from treernn.errors import DataError
from treernn.tables.encoding import decode

_MARK = re.compile(r"([^,\[\]]+?)\s*((?:\[[^\]\[,]*[\]}]?\s*)+)")
_NOT_NAMED = re.compile(r"\[\s*[up]\s*\]", re.IGNORECASE)


class MarkedSentence(NamedTuple):
    """A sentence of a review.

    Attributes:
        text: in usual spelling.
        features: those that it names and has an opinion of.
        implied: those that it has an opinion of without their name.
    """

    text: str
    features: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()


Review = tuple[MarkedSentence, ...]


def load(source: str | PathLike[str] | None = None) -> dict[str, list[Review]]:
    """The reviews of each product; their titles are left out, as in the paper.

    Args:
        source: the archive, its folder, or a folder with the archive. Default: search as in
            ``treernn.corpora.locations``.

    Raises:
        MissingDataError: the reviews cannot be found.
        DataError: they are damaged, or there are none.
    """
    path = locations.fetch(DATA, source)
    found = {}
    for file, content in read_files(path, ".txt"):
        for product in (name for names in PARTS for name in names if file.name.startswith(name)):
            found[product] = read_reviews(decode(content, file), file)
    if not found:
        raise DataError("no reviews of a product in it", path)
    return found


def read_reviews(content: str, path: Path) -> list[Review]:
    """The reviews of a file; see ``load``.

    Args:
        content: of the file.
        path: its name, for errors.

    Raises:
        DataError: a line is neither a sentence nor a title.
    """
    reviews: list[list[MarkedSentence]] = [[]]
    for line in read_lines(content, path):
        if line is None:
            reviews.append([])
        elif line.text:
            reviews[-1].append(MarkedSentence(line.text, *_features(line.marks)))
    return [tuple(review) for review in reviews if review]


def _features(marks: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    named: list[str] = []
    implied: list[str] = []
    for name, remarks in _MARK.findall(marks):
        if name := name.strip(" {}"):
            (implied if _NOT_NAMED.search(remarks) else named).append(name)
    return tuple(named), tuple(implied)

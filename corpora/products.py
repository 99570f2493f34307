"""Sentences of product reviews, with marks of what their authors say about features (Hu and Liu
2004).

https://www.cs.uic.edu/~liub/FBS/sentiment-analysis.html

Each line of a file is a sentence: ``battery life[+2], screen[-1][u]##`` and the sentence, in lower
case with a space around each token. Lines that begin with ``[t]`` are titles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from treernn.corpora import locations
from treernn.corpora.archives import read_files
from treernn.corpora.detokenized import detokenize
from treernn.corpora.distinct import distinct_splits
from treernn.corpora.targets import (
    NEGATIVE,
    NO_TARGET,
    POSITIVE,
    SpanTarget,
    Target,
    TargetText,
    target_of_classes,
)
from treernn.errors import DataError
from treernn.tables.encoding import decode
from treernn.types import Splits

DATA = locations.DataSet(
    "Product reviews",
    "https://www.cs.uic.edu/~liub/FBS/CustomerReviewData.zip",
    ("CustomerReviewData.zip", "product_reviews_1.zip", "product-reviews-1.zip"),
)

PARTS = (("Apex", "Canon", "Creative"), ("Nikon",), ("Nokia",))
"""The products of train, dev and test: how the names of their files begin."""

_SIGNS = re.compile(r"\[\s*([+-]?)\s*\d?")
_REMARKS = re.compile(r"\[(?:u|p|s|cc|cs)\]", re.IGNORECASE)


_FEATURE = re.compile(r"([^,\[\]]+)\[\s*([+-])\s*\d?\s*\]")
_IMPLICIT = re.compile(r"[^,]*\[(?:u|p)\][^,]*", re.IGNORECASE)


def load(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The sentences of train (three products), dev (one) and test (one), in usual spelling.

    A sentence is negative or positive if all of its marks are; then its target is a set of classes.
    One without marks has a target of zeros: mostly a plain fact, but many opinions are not about a
    feature. One with marks of both signs is left out.

    Args:
        source: the archive, its folder, or a folder with the archive. Default: search as in
            ``treernn.corpora.locations``.

    Raises:
        MissingDataError: the reviews cannot be found.
        DataError: they are damaged, or a product is missing.
    """
    return distinct_splits(_parts(source, read_sentences))


def load_features(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The same sentences with the sentiment toward their features: those that have a sign and are
    named in the sentence, at their first mention.

    Args:
        source: as of ``load``.

    Raises:
        MissingDataError, DataError: as of ``load``.
    """
    return distinct_splits(_parts(source, read_features))


def _parts(
    source: str | PathLike[str] | None, read: Callable[[str, Path], list[TargetText]]
) -> Splits[TargetText]:
    parts: list[list[TargetText]] = [[], [], []]
    found = set()
    for file, content in read_files(locations.fetch(DATA, source), ".txt"):
        for texts, names in zip(parts, PARTS, strict=True):
            if product := next((name for name in names if file.name.startswith(name)), None):
                texts += read(decode(content, file), file)
                found.add(product)
    if missing := [name for names in PARTS for name in names if name not in found]:
        problem = f"no file of {', '.join(missing)} in it, expected names like {missing[0]}….txt"
        raise DataError(problem, locations.fetch(DATA, source))
    return Splits(*parts)


def read_sentences(content: str, path: Path) -> list[TargetText]:
    """The sentences of a file; see ``load``.

    Args:
        content: of the file.
        path: its name, for errors.

    Raises:
        DataError: a line is neither a sentence nor a title.
    """
    texts = []
    for line in read_lines(content, path):
        target = None if line is None else _target(line.marks)
        if line is not None and target is not None and line.text:
            texts.append(TargetText.whole(line.text, target))
    return texts


def read_features(content: str, path: Path) -> list[TargetText]:
    """The sentences of a file that name a feature with a sign; see ``load_features``."""
    texts = []
    for line in read_lines(content, path):
        if line is None:
            continue
        targets: dict[tuple[int, int], SpanTarget] = {}
        for name, sign in _FEATURE.findall(_IMPLICIT.sub("", line.marks)):
            words = r"\s+".join(map(re.escape, name.split()))
            found = words and re.search(rf"(?<!\w){words}(?!\w)", line.text, re.IGNORECASE)
            if found:
                side = target_of_classes(POSITIVE if sign == "+" else NEGATIVE)
                targets.setdefault(found.span(), SpanTarget(*found.span(), side))
        if targets:
            texts.append(TargetText(line.text, (*targets.values(),)))
    return texts


class Line(NamedTuple):
    """A sentence of a file.

    Attributes:
        marks: what is before ``##``.
        text: the sentence in usual spelling; may be empty.
    """

    marks: str
    text: str


def read_lines(content: str, path: Path) -> Iterator[Line | None]:
    """The sentences of a file; None for a title, where a review begins.

    Raises:
        DataError: a line is neither a sentence nor a title.
    """
    for number, line in enumerate(content.splitlines(), 1):
        line = line.strip()
        if line.startswith("[t]"):
            yield None
        if not line or line.startswith(("*", "[t]")):
            continue
        marks, mark, sentence = line.partition("#")
        if not mark:
            raise DataError("expected marks, ## and a sentence, or a title [t]", path, number)
        yield Line(marks, detokenize(sentence.lstrip("#")))


def _target(marks: str) -> Target | None:
    """That of a sentence with these marks; None if they contradict each other or have no sign."""
    signs = {*_SIGNS.findall(_REMARKS.sub("", marks))}
    if not signs:
        return NO_TARGET if not marks.strip() else None
    if len(signs) > 1 or "" in signs:
        return None
    return target_of_classes(POSITIVE if signs == {"+"} else NEGATIVE)

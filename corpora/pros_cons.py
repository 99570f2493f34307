"""Short lists of the good and the bad sides of products (Ganapathibhotla and Liu 2008).

https://www.cs.uic.edu/~liub/FBS/sentiment-analysis.html

A header, then a row for each list: ``positive`` or ``negative``, a tab, and the text. A line
without a label continues the text of the line before it.
"""

from __future__ import annotations

from os import PathLike

from treernn.corpora import locations
from treernn.corpora.distinct import distinct_splits, fraction_of
from treernn.corpora.targets import NEGATIVE, POSITIVE, TargetText, target_of_classes
from treernn.errors import DataError
from treernn.tables.encoding import read_text
from treernn.types import Splits

DATA = locations.DataSet(
    "Pros and cons",
    "https://www.cs.uic.edu/~liub/FBS/sentiment-analysis.html",
    ("pros-cons.tsv.gz", "pros-cons.tsv", "pros-cons-half.tsv.gz"),
)

TRAIN, DEV = 0.8, 0.1
"""Fractions of the texts."""

_TARGETS = {"negative": target_of_classes(NEGATIVE), "positive": target_of_classes(POSITIVE)}


def load(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The lists, each in the part that a checksum of its text in lower case gives.

    Args:
        source: the table, or a folder with it. Default: search as in
            ``treernn.corpora.locations``.

    Raises:
        MissingDataError: the table cannot be found.
        DataError: it is damaged, or has other columns; or there is no text.
    """
    path = locations.fetch(DATA, source)
    header, *lines = read_text(path).split("\n")
    if header.strip().split("\t") != ["label", "text"]:
        raise DataError("expected a header with the columns label and text", path, 1)
    rows: list[tuple[str, list[str]]] = []
    for number, line in enumerate(lines, 2):
        label, tab, text = line.partition("\t")
        if tab and label in _TARGETS:
            rows.append((label, [text]))
        elif rows and not tab:
            rows[-1][1].append(line)
        elif line.strip():
            raise DataError("expected negative or positive, a tab and a text", path, number)
    parts = Splits[TargetText]([], [], [])
    for label, texts in rows:
        if text := "\n".join(map(str.strip, texts)).strip():
            place = fraction_of(text.lower())
            part = parts[0 if place < TRAIN else 1 if place < TRAIN + DEV else 2]
            part.append(TargetText.whole(text, _TARGETS[label]))  # type: ignore[attr-defined]
    if not any(parts):
        raise DataError("no texts in it", path)
    return distinct_splits(parts)

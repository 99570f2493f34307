"""Words, emoticons and slang with a graded score: the lexicon of VADER (Hutto and Gilbert 2014).

https://github.com/cjhutto/vaderSentiment

A line for each entry: the entry, the mean of ten raters from -4 to 4, the standard deviation and
what each rater said, with tabs between them.
"""

from __future__ import annotations

from os import PathLike

from treernn.corpora import locations
from treernn.corpora.archives import open_unpacked
from treernn.corpora.distinct import fraction_of
from treernn.corpora.targets import TargetText, target_of_score
from treernn.errors import DataError, InputError
from treernn.tables.encoding import decode
from treernn.tables.outside import read_whole
from treernn.types import Splits

DATA = locations.DataSet(
    "VADER lexicon",
    "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/sentiment/vader_lexicon.zip",
    ("sentiment/vader_lexicon.zip", "vader_lexicon.zip", "nltk-vader_lexicon.zip"),
)

LOW, HIGH = -4.0, 4.0
TRAIN = 0.9
"""Fraction of the entries; the others are dev."""


def load(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The entries; a checksum gives the part of each; there is no test part.

    Args:
        source: the archive or its file, or a folder with the archive. Default: search as in
            ``treernn.corpora.locations``.

    Raises:
        MissingDataError, DataError: see ``scores``.
    """
    parts: tuple[list[TargetText], list[TargetText]] = [], []
    for entry, score in scores(source).items():
        target = target_of_score(score, LOW, HIGH)
        parts[fraction_of(entry) >= TRAIN].append(TargetText.whole(entry, target))
    return Splits(*parts)


def scores(source: str | PathLike[str] | None = None) -> dict[str, float]:
    """The score of each entry, -4 to 4; of one that occurs twice the last, as in VADER.

    Args:
        source: as for ``load``.

    Raises:
        MissingDataError: the lexicon cannot be found.
        DataError: it is damaged, or a line is no entry.
    """
    path = locations.fetch(DATA, source)
    with open_unpacked(path) as file:
        lines = decode(read_whole(file, path), path).split("\n")
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        entry, *fields = line.split("\t")
        try:
            score = float(fields[0])
            target_of_score(score, LOW, HIGH)
        except (IndexError, ValueError, InputError):
            problem = f"expected an entry, a tab and a number from {LOW:.0f} to {HIGH:.0f}"
            raise DataError(problem, path, number) from None
        found[entry.strip()] = score
    if not found:
        raise DataError("no entries in it", path)
    return found

"""Movie reviews with a positive or negative rating: polarity 2.0 (Pang and Lee 2004).

https://www.cs.cornell.edu/people/pabo/movie-review-data/

1,000 reviews of each class, in lower case, tokenised, one sentence per line. The name of a review
is ``cv``, its number from 000 to 999 and an identifier; the first digit of the number is the fold
of the published cross-validation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import PathLike

from treernn.corpora import locations
from treernn.corpora.archives import read_files
from treernn.corpora.targets import NEGATIVE, POSITIVE, TargetText, target_of_classes
from treernn.errors import DataError
from treernn.tables.encoding import decode
from treernn.types import Splits

DATA = locations.DataSet(
    "Movie reviews, polarity 2.0",
    "https://www.cs.cornell.edu/people/pabo/movie-review-data/review_polarity.tar.gz",
    ("review_polarity.tar.gz", "movie_reviews.zip", "movie-reviews-half.zip"),
    "3 MB",
    "fc0dccc2671af5db3c5d8f81f77a1ebfec953ecdd422334062df61ede36b2179",
)

TRAIN_FOLDS, DEV_FOLDS = (0, 1), (2,)
"""The parts of ``load_splits``; all other folds are test."""

_PATH = re.compile(r".*/(neg|pos)/(cv(\d)\d\d_\d+)\.txt")


@dataclass(frozen=True, slots=True)
class Review:
    """A movie review.

    Attributes:
        name: file name without suffix, such as ``cv299_16542``; unique within a class.
        fold: 0 to 9, the first digit of the number.
        positive: whether the author recommends the film.
        text: the content of the file, one sentence per line.
    """

    name: str
    fold: int
    positive: bool
    text: str


def load(source: str | PathLike[str] | None = None) -> list[Review]:
    """All reviews, the negative ones first, then by number.

    Args:
        source: the official archive, NLTK's ``movie_reviews.zip``, or any zip or tar archive with
            files ``neg/cv….txt`` and ``pos/cv….txt``; or a folder with such an archive. Default:
            search as in ``treernn.corpora.locations``, then download.

    Raises:
        MissingDataError: the reviews cannot be found or downloaded.
        DataError: the archive is damaged, or has no reviews of one class.
    """
    path = locations.fetch(DATA, source)
    reviews = []
    for file, content in read_files(path, ".txt"):
        if match := _PATH.fullmatch(file.as_posix()):
            label, name, fold = match.groups()
            reviews.append(Review(name, int(fold), label == "pos", decode(content, file)))
    for label, positive in (("neg", False), ("pos", True)):
        if not any(review.positive == positive for review in reviews):
            raise DataError(f"no reviews in it, expected files like {label}/cv000_1.txt", path)
    return sorted(reviews, key=lambda review: (review.positive, review.name))


def load_splits(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The reviews with the set of classes of their rating: folds 0 and 1 are train, 2 is dev.

    Args:
        source: see ``load``.

    Raises:
        MissingDataError, DataError: see ``load``.
    """
    parts: tuple[list[TargetText], ...] = [], [], []
    for review in load(source):
        part = 0 if review.fold in TRAIN_FOLDS else 1 if review.fold in DEV_FOLDS else 2
        target = target_of_classes(POSITIVE if review.positive else NEGATIVE)
        parts[part].append(TargetText.whole(review.text, target))
    return Splits(*parts)

"""Whole movie reviews with a verdict: polarity 2.0 (Pang and Lee 2004), half of them positive.

https://www.cs.cornell.edu/people/pabo/movie-review-data/

All is in lower case, punctuation stands apart, a line is a sentence. The name of a review begins
with ``cv`` and its number, 000 to 999 in each class; those that share the hundreds are a fold, the
same in all published figures.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike

from treernn.corpora import locations
from treernn.errors import DataError
from treernn.tables.encoding import decode, read_bytes

_MEMBER = re.compile(r"(?:.*/)?(neg|pos)/(cv(\d)\d\d_\d+)\.txt")


@dataclass(frozen=True, slots=True)
class Review:
    """A review.

    Attributes:
        name: of its file, without the suffix: ``cv299_16542``; unique within a class.
        fold: 0 to 9, the first digit of its number.
        positive: whether its author recommends the film.
        text: as in the file, a sentence a line.
    """

    name: str
    fold: int
    positive: bool
    text: str


def load(source: str | PathLike[str] | None = None) -> list[Review]:
    """All reviews, the negative first, each class in the order of its numbers.

    Args:
        source: the official archive, NLTK's (``movie_reviews.zip``), or any part of one packed as
            zip or tar, with files ``neg/cv….txt`` and ``pos/cv….txt``; or a folder with such an
            archive. Without it, ``TREERNN_DATA``, the cache, and last the official site.

    Raises:
        MissingDataError: the reviews are not there and cannot be downloaded.
        DataError: the archive is damaged, or holds no reviews of a class.
    """
    path = locations.fetch(locations.REVIEWS, source)
    content = read_bytes(path)
    found = []
    try:
        for name, data in _members(content):
            if match := _MEMBER.fullmatch(name):
                label, name, fold = match.groups()
                text = decode(data, path / match[0])
                found.append(Review(name, int(fold), label == "pos", text))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(f"not an archive, or damaged ({error})", path) from None
    for label, positive in (("neg", False), ("pos", True)):
        if not any(review.positive == positive for review in found):
            raise DataError(f"no reviews in it, expected files like {label}/cv000_1.txt", path)
    return sorted(found, key=lambda review: (review.positive, review.name))


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in an archive."""
    file = io.BytesIO(content)
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                yield name, archive.read(name)
        return
    file.seek(0)
    with tarfile.open(fileobj=file) as tar:
        for member in tar:
            if extracted := tar.extractfile(member):
                yield member.name, extracted.read()

"""Where data files lie: a path that was given, then ``TREERNN_DATA``, then the user's cache.

A file that is in none of these is downloaded into the cache once.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from treernn.errors import DataError, MissingDataError

VARIABLE = "TREERNN_DATA"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that users fetch for themselves.

    Attributes:
        title: its name in messages.
        url: where it is published.
        sha256: of the file at ``url``.
        size: of the file at ``url``, in words.
        names: files that hold it, relative to a data folder, the preferred one first.
    """

    title: str
    url: str
    sha256: str
    size: str
    names: tuple[str, ...]

    @property
    def filename(self) -> str:
        """The name of the file at ``url``."""
        return self.url.rpartition("/")[2]


SST = DataSet(
    "Stanford Sentiment Treebank",
    "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip",
    "5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc",
    "0.8 MB",
    ("trainDevTestTrees_PTB.zip", "trees/train.txt", "train.txt"),
)
GLOVE = DataSet(
    "GloVe 6B word vectors",
    "https://nlp.stanford.edu/data/glove.6B.zip",
    "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
    "862 MB",
    (
        "glove.6B.100d.top200k.txt.gz",
        "glove.6B.100d.txt",
        "glove.6B.100d.txt.gz",
        "glove.6B.zip",
    ),
)
REVIEWS = DataSet(
    "Movie reviews, polarity 2.0",
    "https://www.cs.cornell.edu/people/pabo/movie-review-data/review_polarity.tar.gz",
    "fc0dccc2671af5db3c5d8f81f77a1ebfec953ecdd422334062df61ede36b2179",
    "3 MB",
    ("review_polarity.tar.gz", "movie_reviews.zip", "movie-reviews-half.zip"),
)
DATA_SETS = (SST, GLOVE, REVIEWS)


def cache_folder() -> Path:
    """The folder that downloads go to; it need not exist."""
    import pooch  # here, because it is slow to import

    return Path(pooch.os_cache("treernn"))


def data_folders() -> list[Path]:
    """Where data are looked for: the folder that ``TREERNN_DATA`` names, the user's cache."""
    variable = os.environ.get(VARIABLE)
    return [Path(variable), cache_folder()] if variable else [cache_folder()]


def find(data: DataSet, source: str | PathLike[str] | None = None) -> Path | None:
    """The file that holds a data set, or None; nothing is downloaded.

    Args:
        data: what to look for.
        source: a file, or a folder to look in; without it, ``TREERNN_DATA`` and then the cache.
    """
    if source is not None:
        given = Path(source)
        return _find_in(data, given) if given.is_dir() else given if given.exists() else None
    return next((path for folder in data_folders() if (path := _find_in(data, folder))), None)


def fetch(data: DataSet, source: str | PathLike[str] | None = None) -> Path:
    """The file that holds a data set; downloaded into the cache where it is nowhere else.

    Args:
        data: what to look for.
        source: a file, or a folder to look in; then nothing is downloaded.

    Raises:
        MissingDataError: it is not in ``source``, or it cannot be downloaded.
        DataError: what was downloaded is not what was published.
    """
    found = find(data, source)
    if found is not None:
        return found
    if source is not None:
        folder = Path(source).is_dir()
        problem = f"no {data.filename} in this folder" if folder else "no such file or folder"
        raise MissingDataError(f"{source}: {problem}; get it from {data.url}")
    return _download(data)


def where() -> dict[str, Path | None]:
    """For each data set, by title, the file that would be used; None where it is not there yet."""
    return {data.title: find(data) for data in DATA_SETS}


def _find_in(data: DataSet, folder: Path) -> Path | None:
    return next((path for name in data.names if (path := folder / name).is_file()), None)


def _download(data: DataSet) -> Path:
    import pooch

    folder = cache_folder()
    by_hand = (
        f"put {data.filename} from {data.url} into {folder}, or into a folder that {VARIABLE} names"
    )
    try:
        return Path(
            pooch.retrieve(
                data.url,
                known_hash=f"sha256:{data.sha256}",
                fname=data.filename,
                path=folder,
                progressbar=sys.stderr.isatty(),
            )
        )
    except OSError as error:  # requests' exceptions are among these
        raise MissingDataError(
            f"{data.title} ({data.size}) cannot be downloaded ({type(error).__name__}): {by_hand}"
        ) from None
    except ValueError:  # a checksum that differs
        raise DataError(f"{data.url} is not the file that was published: {by_hand}") from None

"""Find data sets on disk, or download them.

A file is looked for in the folder that the environment variable ``TREERNN_DATA`` names, then in the
user's cache. What is in neither is downloaded into the cache, once.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from treernn.errors import DataError, MissingDataError

VARIABLE = "TREERNN_DATA"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that is not part of this package.

    A module of ``treernn.corpora`` with such an object under the name ``DATA`` is listed by
    ``where``.

    Attributes:
        title: its name in messages.
        url: the address of its publisher.
        names: names of the files that hold it, relative to a data folder, the preferred one first.
        size: download size, for messages.
        sha256: checksum of the file at ``url``; without one, nothing is downloaded.
    """

    title: str
    url: str
    names: tuple[str, ...]
    size: str = ""
    sha256: str = ""

    @property
    def filename(self) -> str:
        """The file that users have to get where there is no download."""
        return self.url.rpartition("/")[2] if self.sha256 else self.names[-1]


def cache_folder() -> Path:
    """The folder of downloads; it need not exist."""
    import pooch  # here, because it is slow to import

    return Path(pooch.os_cache("treernn"))


def data_folders() -> list[Path]:
    """The folders to search, in order."""
    variable = os.environ.get(VARIABLE)
    return [Path(variable), cache_folder()] if variable else [cache_folder()]


def find(data: DataSet, source: str | PathLike[str] | None = None) -> Path | None:
    """The file that holds a data set, or None; nothing is downloaded.

    Args:
        data: the data set.
        source: a file, or a folder to search; default: the folders of ``data_folders``.
    """
    if source is not None and not os.path.isdir(source):
        return Path(source) if os.path.exists(source) else None
    folders = data_folders() if source is None else [Path(source)]
    paths = (folder / name for folder in folders for name in data.names)
    return next((path for path in paths if os.path.isfile(path)), None)


def fetch(data: DataSet, source: str | PathLike[str] | None = None) -> Path:
    """The file that holds a data set, downloaded into the cache where necessary.

    Args:
        data: the data set.
        source: a file, or a folder to search; then nothing is downloaded.

    Raises:
        MissingDataError: it is not in ``source``, or cannot be downloaded; or what ``TREERNN_DATA``
            names is no folder.
        DataError: the download has another checksum.
    """
    if (path := find(data, source)) is not None:
        return path
    if source is not None:
        is_folder = os.path.isdir(source)
        problem = f"no {data.filename} in this folder" if is_folder else "no such file or folder"
        raise MissingDataError(f"{source}: {problem}; get it from {data.url}")
    check_variable()
    return _download(data)


def check_variable() -> None:
    """Check that ``TREERNN_DATA`` names a folder, if it is set.

    Raises:
        MissingDataError: it does not.
    """
    folder = os.environ.get(VARIABLE)
    if folder and not os.path.isdir(folder):
        what = "is a file" if os.path.exists(folder) else "does not exist"
        raise MissingDataError(f"{folder}: {VARIABLE} names this folder, but it {what}")


def where() -> dict[str, Path | None]:
    """The path of every data set by title, None for those that are not on disk yet."""
    package = importlib.import_module(__package__)
    modules = (
        importlib.import_module(f"{__package__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    )
    return {
        module.DATA.title: find(module.DATA)
        for module in modules
        if isinstance(getattr(module, "DATA", None), DataSet)
    }


def _download(data: DataSet) -> Path:
    import pooch

    folder, named = cache_folder(), os.environ.get(VARIABLE)
    place = f"{named}, which {VARIABLE} names" if named else f"a folder that {VARIABLE} names"
    by_hand = f"put {data.filename} from {data.url} into {folder}, or into {place}"
    if not data.sha256:
        raise MissingDataError(f"{data.title} cannot be found: {by_hand}")
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
    except OSError as error:  # includes the exceptions of requests
        raise MissingDataError(
            f"{data.title} ({data.size}) cannot be downloaded ({type(error).__name__}): {by_hand}"
        ) from None
    except ValueError:  # the checksum differs
        raise DataError(f"{data.url} is not the file that was published: {by_hand}") from None

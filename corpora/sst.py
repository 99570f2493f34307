"""The Stanford Sentiment Treebank (Socher et al. 2013): 11,855 trees with a class at each node.

https://nlp.stanford.edu/sentiment/

A source can also be the treebank's first release (``treernn.corpora.release``) or the corrected
treebank (``treernn.corpora.corrected``).
"""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from os import PathLike
from pathlib import Path

from treernn.corpora import corrected, locations, release
from treernn.corpora.archives import read_member
from treernn.corpora.binary import binary_trees
from treernn.corpora.brackets import read_brackets
from treernn.errors import DataError, DataWarning, InputError
from treernn.tables.source import read_bytes
from treernn.types import Splits, Tree

DATA = locations.DataSet(
    "Stanford Sentiment Treebank",
    "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip",
    ("trainDevTestTrees_PTB.zip", "trees/train.txt", "train.txt"),
    "0.8 MB",
    "5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc",
)
SPLITS = ("train", "dev", "test")


def load(split: str, source: str | PathLike[str] | None = None) -> list[Tree]:
    """Load the trees of a split, in file order: 8,544 of train, 1,101 of dev or 2,210 of test.

    Args:
        split: ``"train"``, ``"dev"`` or ``"test"``.
        source: the official archive, or a folder with the archive or with the unpacked files; or
            the first release or its archive, or the folder of the corrected treebank. Default:
            ``TREERNN_DATA``, then the cache, then the official site.

    Raises:
        InputError: there is no such split.
        MissingDataError: the treebank is missing and cannot be downloaded.
        DataError: the archive is damaged or not the official one, a line is not a tree, or there
            are no trees.
    """
    if split not in SPLITS:
        raise InputError(f"no split {split!r}, expected one of {', '.join(SPLITS)}")
    if source is not None:
        if (folder := _corrected(source)) is not None:
            return corrected.load(split, folder)
        classic = os.path.isdir(source) and locations.find(DATA, source)
        if not classic and (release_folder := release.find(source)) is not None:
            return release.load(split, release_folder)
    path = fetch(source)
    if os.path.isdir(path):
        if corrected.is_corrected(path):
            warnings.warn(f"{path}: this is the corrected SST", DataWarning, stacklevel=2)
        file = path / f"{split}.txt"
        if not (trees := read_brackets(file)):
            raise DataError("no trees in this file", file)
        return binary_trees(trees, file)
    archive = read_bytes(path)
    if (digest := hashlib.sha256(archive).hexdigest()) != DATA.sha256:
        raise DataError(
            f"not the official archive, or damaged: its sha256 is {digest[:12]}…, expected "
            f"{DATA.sha256[:12]}…; get it from {DATA.url}",
            path,
        )
    name = f"trees/{split}.txt"
    return read_brackets(io.BytesIO(read_member(archive, name, path)), path / name)


def load_splits(source: str | PathLike[str] | None = None) -> Splits[Tree]:
    """All trees; see ``load``.

    If ``source`` is the corrected treebank, a ``DataWarning`` says how many of its train sentences
    are in the classic test split, where that is on this machine.
    """
    splits = Splits(*(load(split, source) for split in SPLITS))
    if _corrected(source) is not None and find() is not None:
        corrected.warn_of_overlap(splits.train, load("test"), "the classic SST's test split")
    return splits


def name(split: str, source: str | PathLike[str] | None = None) -> str:
    """The name of a split for people, for example ``SST test``."""
    return f"{'SST' if _corrected(source) is None else 'corrected SST'} {split}"


def find(source: str | PathLike[str] | None = None) -> Path | None:
    """Find the archive or the folder with the unpacked files; None if both are missing."""
    path = locations.find(DATA, source)
    return None if path is None else _folder_of(path)


def fetch(source: str | PathLike[str] | None = None) -> Path:
    """Find the archive or the folder with the unpacked files, or download the archive.

    Raises:
        MissingDataError: ``source`` has neither, or the download failed.
    """
    return _folder_of(locations.fetch(DATA, source))


def _folder_of(path: Path) -> Path:
    return path.parent if path.name == "train.txt" else path


def _corrected(source: str | PathLike[str] | None) -> Path | None:
    """The corrected treebank, if that is what ``source`` names: nothing else is in the folder."""
    if source is None:
        return None
    folder = corrected.find(source)
    other = locations.find(DATA, source)
    return folder if other is None or other.parent == folder else None

"""The corrected Stanford Sentiment Treebank, which Stanford's group keeps for Stanza and CoreNLP.

The same sentences as the classic treebank with corrected words, trees and labels, and further ones:
``fiveclass/train.txt``, ``dev.txt``, ``test.txt``, ``extra-train.txt`` and
``checked-extra-train.txt``. Trees stand on one line or on several, and some nodes have more than
two children; see ``treernn.corpora.binary``. There is no archive with a fixed content, so it is not
downloaded: ``git clone https://github.com/stanfordnlp/sentiment-treebank``.

It is used where it is asked for, never in place of the classic treebank (``treernn.corpora.sst``).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from treernn.corpora import locations
from treernn.corpora.binary import binary_trees
from treernn.corpora.brackets import read_brackets
from treernn.errors import DataError, DataWarning, InputError
from treernn.types import Tree

DATA = locations.DataSet(
    "Corrected Stanford Sentiment Treebank",
    "https://github.com/stanfordnlp/sentiment-treebank",
    ("fiveclass/train.txt", "sentiment-treebank/fiveclass/train.txt"),
)
EXTRA = ("extra-train", "checked-extra-train")
SPLITS = ("train", "dev", "test", *EXTRA)


def find(source: str | PathLike[str] | None = None) -> Path | None:
    """The folder ``fiveclass``, or None.

    Args:
        source: the repository, the folder itself or a file in it, or a folder with the repository.
            Default: ``TREERNN_DATA``, then the cache.
    """
    if source is not None:
        folder = Path(source)
        if is_corrected(folder := folder if os.path.isdir(folder) else folder.parent):
            return folder
        if not os.path.isdir(source):
            return None
    path = locations.find(DATA, source)
    return None if path is None else path.parent


def is_corrected(folder: Path) -> bool:
    """Whether a folder with ``train.txt`` is of this treebank and not of the classic one."""
    return os.path.isfile(folder / "train.txt") and (
        folder.name == "fiveclass" or any(os.path.isfile(folder / f"{name}.txt") for name in EXTRA)
    )


def load(split: str, source: str | PathLike[str] | None = None) -> list[Tree]:
    """The trees of a file, binary; a ``DataWarning`` says how many were not.

    Args:
        split: a name of ``SPLITS``.
        source: see ``find``.

    Raises:
        InputError: there is no such split.
        MissingDataError: it is not there.
        DataError: the file has anything else than trees, or none.
    """
    if split not in SPLITS:
        raise InputError(f"no split {split!r}, expected one of {', '.join(SPLITS)}")
    folder = find(source)
    if folder is None:
        folder = locations.fetch(DATA, source).parent
    file = folder / f"{split}.txt"
    if not (trees := read_brackets(file)):
        raise DataError("no trees in this file", file)
    return binary_trees(trees, file)


def warn_of_overlap(train: Sequence[Tree], test: Sequence[Tree], name: str) -> None:
    """A ``DataWarning`` if sentences of ``train`` are also in ``test``, which is called so."""
    known = {tuple(word.lower() for word in tree.words) for tree in test}
    count = sum(tuple(word.lower() for word in tree.words) in known for tree in train)
    if count:
        warnings.warn(
            f"{count} of the {len(train)} train sentences are also in {name}: leave that out, or "
            "do not compare results on it with others",
            DataWarning,
            stacklevel=2,
        )

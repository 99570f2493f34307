"""Sentences about restaurants with the sentiment towards what they name: MAMS (Jiang et al. 2019).

https://github.com/siat-nlp/MAMS-for-ABSA

XML with sentences and their aspect terms, each with a range of characters and one of three classes.
The label is about the term as this sentence sees it, not about what the words of the term mean. In
every sentence two terms differ.
"""

from __future__ import annotations

from os import PathLike

from treernn.corpora import locations
from treernn.corpora.archives import read_files
from treernn.corpora.aspect_terms import read_sentences
from treernn.corpora.distinct import distinct_splits
from treernn.corpora.targets import TargetText
from treernn.errors import DataError
from treernn.types import Splits

DATA = locations.DataSet(
    "MAMS restaurant sentences",
    "https://github.com/siat-nlp/MAMS-for-ABSA",
    ("mams-atsa.zip",),
)


def load(source: str | PathLike[str] | None = None) -> Splits[TargetText]:
    """The sentences of ``train.xml``, and those of ``val.xml``: its first half is dev, the second
    test.

    Targets are sets of classes. Each term has one; and the whole sentence, if all terms that it has
    an opinion of agree.

    Args:
        source: an archive or a folder with these files, or a folder with the archive. Default:
            search as in ``treernn.corpora.locations``.

    Raises:
        MissingDataError: the sentences cannot be found.
        DataError: they are damaged, or one of the files is missing.
    """
    train, held_out = load_published(source)
    half = len(held_out) // 2
    return distinct_splits(Splits(train, held_out[:half], held_out[half:]))


def load_published(
    source: str | PathLike[str] | None = None,
) -> tuple[list[TargetText], list[TargetText]]:
    """All sentences of ``train.xml`` and of ``val.xml``, as published; see ``load``."""
    path = locations.fetch(DATA, source)
    found = {file.name: read_sentences(content, file) for file, content in read_files(path, ".xml")}
    for name in ("train.xml", "val.xml"):
        if not found.get(name):
            raise DataError(f"no sentences of {name} in it", path)
    return found["train.xml"], found["val.xml"]

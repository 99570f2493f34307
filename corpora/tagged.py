r"""Sentences with a tag at every word: from the Penn Treebank sample, or from a file of one's own.

Own data: a word and its tag on every line, a tab between them, a blank line between sentences.
``\n`` ends a line, a carriage return in front of it is dropped; words may hold other blanks.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from treernn.corpora.penn import EMPTY, PennTree, parse_penn
from treernn.errors import DataError, MissingDataError
from treernn.tables.encoding import decode, read_bytes
from treernn.types import Splits

SUFFIX = ".mrg"  # of the treebank's files that have both trees and tags


class TaggedSentence(NamedTuple):
    """A sentence and its tags, equally many."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def read_tagged(path: str | PathLike[str]) -> list[TaggedSentence]:
    """Read the sentences of a file of words and tags.

    Raises:
        MissingDataError: there is no such file.
        DataError: with the line, where it is not a word, a tab and a tag, or not UTF-8; or there
            is no sentence.
    """
    return parse_tagged(decode(read_bytes(path), path), path)


def parse_tagged(text: str, path: str | PathLike[str] | None = None) -> list[TaggedSentence]:
    r"""Read the sentences of a text of words and tags.

    Args:
        text: see the head of this module.
        path: the file, for errors.

    Raises:
        DataError: as ``read_tagged``.

    >>> parse_tagged("It\tPRP\nworks\tVBZ\n\nYes\tUH\n")[1]
    TaggedSentence(words=('Yes',), tags=('UH',))
    """
    sentences: list[TaggedSentence] = []
    pairs: list[list[str]] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        line = line.removesuffix("\r")
        if not line.strip():
            if pairs:
                words, tags = zip(*pairs, strict=True)
                sentences.append(TaggedSentence(words, tags))
                pairs = []
            continue
        fields = line.split("\t")
        if len(fields) != 2:
            many = "no tab" if len(fields) == 1 else f"{len(fields)} columns"
            raise DataError(f"{many}, expected a word, a tab and its tag", path, number)
        for name, field in zip(("word", "tag"), fields, strict=True):
            if not field.strip():
                raise DataError(
                    f"the {name} is empty, expected a word, a tab and its tag", path, number
                )
        pairs.append(fields)
    if not sentences:
        raise DataError("holds no sentence, expected a word, a tab and its tag on each line", path)
    return sentences


def format_tagged(sentences: Sequence[TaggedSentence]) -> str:
    r"""The text that ``parse_tagged`` reads; words and tags hold neither tabs nor line feeds.

    >>> format_tagged([TaggedSentence(("It", "works"), ("PRP", "VBZ"))])
    'It\tPRP\nworks\tVBZ\n'
    """
    return "\n".join(
        "".join(f"{word}\t{tag}\n" for word, tag in zip(*sentence, strict=True))
        for sentence in sentences
    )


def read_treebank(path: str | PathLike[str]) -> list[list[TaggedSentence]]:
    """The documents of a treebank in Penn brackets, in order of their files' names.

    Args:
        path: a folder or a zip archive with files ``*.mrg``, such as NLTK's sample of the Penn
            Treebank (199 documents, 3,914 sentences, 94,084 words; for non-commercial use).

    Returns:
        For each document its sentences, empty elements (``-NONE-``) left out.

    Raises:
        MissingDataError: there is no such folder or archive.
        DataError: there are no such files, or one is not a treebank's; with line and column.
    """
    path = Path(path)
    documents = []
    for name, content in _files(path):
        trees = parse_penn(decode(content, name), name)
        documents.append([sentence for tree in trees if (sentence := _tagged(tree)).words])
    return documents


def split_documents(documents: Sequence[list[TaggedSentence]]) -> Splits[TaggedSentence]:
    """Of every ten documents in their order the ninth is for dev, the tenth for test.

    Documents stay whole: what a document repeats, its names above all, is not in two parts.

    >>> split_documents([[TaggedSentence((str(n),), ("CD",))] for n in range(20)]).test
    [TaggedSentence(words=('9',), tags=('CD',)), TaggedSentence(words=('19',), tags=('CD',))]
    """
    parts: tuple[list[TaggedSentence], ...] = ([], [], [])
    for number, document in enumerate(documents):
        parts[{8: 1, 9: 2}.get(number % 10, 0)].extend(document)
    return Splits(*parts)


def _tagged(tree: PennTree) -> TaggedSentence:
    kept = [pair for pair in zip(tree.words, tree.tags, strict=True) if pair[1] != EMPTY]
    return TaggedSentence(tuple(word for word, _ in kept), tuple(tag for _, tag in kept))


def _files(path: Path) -> list[tuple[Path, bytes]]:
    """The treebank's files, sorted by name, with what they hold."""
    if path.is_dir():
        files = [(file, read_bytes(file)) for file in sorted(path.rglob(f"*{SUFFIX}"))]
    elif not path.exists():
        raise MissingDataError(
            f"{path}: no such folder or archive; NLTK's sample of the Penn Treebank comes with "
            "python -m nltk.downloader treebank"
        )
    else:
        try:
            with zipfile.ZipFile(io.BytesIO(read_bytes(path))) as archive:
                names = sorted(name for name in archive.namelist() if name.endswith(SUFFIX))
                files = [(path / name, archive.read(name)) for name in names]
        except (zipfile.BadZipFile, OSError, RuntimeError) as error:
            raise DataError(f"not a zip archive, or damaged ({error})", path) from None
    if not files:
        raise DataError(f"holds no file *{SUFFIX} of a treebank", path)
    return files

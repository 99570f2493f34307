r"""Sentences with a tag for every word: the Penn Treebank sample, or a file of one's own.

Format of one's own files: a word, a tab and a tag on each line, a blank line after each sentence.
Lines end with ``\n`` or ``\r\n``; words may contain spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from treernn.corpora.archives import read_files
from treernn.corpora.penn import EMPTY, PennTree, parse_penn
from treernn.errors import DataError, MissingDataError
from treernn.tables.encoding import decode
from treernn.tables.source import read_bytes
from treernn.types import Splits

SUFFIX = ".mrg"  # of treebank files with both trees and tags

_EXPECTED = "expected a word, a tab and its tag"


class TaggedSentence(NamedTuple):
    """A sentence: its words, and one tag for each."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def read_tagged(path: str | PathLike[str]) -> list[TaggedSentence]:
    """Read the sentences of a file of words and tags.

    Raises:
        MissingDataError: there is no such file.
        DataError: a line is not a word, a tab and a tag, or not UTF-8 (with its number); or there
            is no sentence.
    """
    return parse_tagged(decode(read_bytes(path), path), path)


def parse_tagged(text: str, path: str | PathLike[str] | None = None) -> list[TaggedSentence]:
    r"""Parse the content of a file of words and tags.

    Args:
        text: the content.
        path: the file, for errors.

    Raises:
        DataError: see ``read_tagged``.

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
            problem = "no tab" if len(fields) == 1 else f"{len(fields)} columns"
            raise DataError(f"{problem}, {_EXPECTED}", path, number)
        for name, field in zip(("word", "tag"), fields, strict=True):
            if not field.strip():
                raise DataError(f"the {name} is empty, {_EXPECTED}", path, number)
        pairs.append(fields)
    if not sentences:
        raise DataError(f"holds no sentence, {_EXPECTED} on each line", path)
    return sentences


def format_tagged(sentences: Sequence[TaggedSentence]) -> str:
    r"""The text that ``parse_tagged`` reads; words and tags must not contain tabs or newlines.

    >>> format_tagged([TaggedSentence(("It", "works"), ("PRP", "VBZ"))])
    'It\tPRP\nworks\tVBZ\n'
    """
    return "\n".join(
        "".join(f"{word}\t{tag}\n" for word, tag in zip(*sentence, strict=True))
        for sentence in sentences
    )


def read_treebank(path: str | PathLike[str]) -> list[list[TaggedSentence]]:
    """Read the documents of a treebank in Penn brackets, sorted by file name.

    Args:
        path: a folder or an archive with files ``*.mrg``, for example NLTK's sample of the Penn
            Treebank (199 documents, 3,914 sentences, 94,084 words; for non-commercial use).

    Returns:
        The sentences of each document, without empty elements (``-NONE-``).

    Raises:
        MissingDataError: there is no such folder or archive.
        DataError: there are no such files, or one is not in Penn brackets (with line and column).
    """
    try:
        files = read_files(Path(path), SUFFIX)
    except MissingDataError as error:
        raise MissingDataError(
            f"{error}; get NLTK's sample of the Penn Treebank with python -m nltk.downloader "
            "treebank"
        ) from None
    trees = (parse_penn(decode(content, name), name) for name, content in files)
    return [
        [sentence for tree in document if (sentence := _tagged(tree)).words] for document in trees
    ]


def split_documents(documents: Sequence[list[TaggedSentence]]) -> Splits[TaggedSentence]:
    """Split a treebank: of every ten documents, eight for training, one for dev, one for test.

    Documents are not divided, so that what a document repeats, such as names, is in one part only.

    >>> split_documents([[TaggedSentence((str(n),), ("CD",))] for n in range(20)]).test
    [TaggedSentence(words=('9',), tags=('CD',)), TaggedSentence(words=('19',), tags=('CD',))]
    """
    parts: tuple[list[TaggedSentence], ...] = ([], [], [])
    for number, document in enumerate(documents):
        parts[{8: 1, 9: 2}.get(number % 10, 0)].extend(document)
    return Splits(*parts)


def _tagged(tree: PennTree) -> TaggedSentence:
    pairs = [pair for pair in zip(tree.words, tree.tags, strict=True) if pair[1] != EMPTY]
    return TaggedSentence(tuple(word for word, _ in pairs), tuple(tag for _, tag in pairs))

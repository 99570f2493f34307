"""Word vectors in the text format of GloVe and word2vec: a word and its vector on every line.

GloVe: Pennington et al. 2014, https://nlp.stanford.edu/projects/glove/. Files of word2vec begin
with a line ``count dimension``. Words may contain spaces, so lines are split from the right.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Container, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO

import numpy as np

from treernn.corpora import locations
from treernn.corpora.archives import open_unpacked, split_member
from treernn.errors import DataError, InputError
from treernn.files import atomic_write

DATA = locations.DataSet(
    "GloVe 6B word vectors",
    "https://nlp.stanford.edu/data/glove.6B.zip",
    (
        "glove.6B.100d.top200k.txt.gz",
        "glove.6B.100d.txt",
        "glove.6B.100d.txt.gz",
        "glove.6B.zip",
    ),
    "862 MB",
    "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
)
MEMBER = "glove.6B.100d.txt"  # the file of glove.6B.zip that is used

_BLOCK = 1 << 22
_LONGEST = 1 << 20  # bytes of a line, enough for 40,000 numbers
_LARGEST_DIMENSION = 1 << 16
_LARGEST = float(np.finfo(np.float32).max)
_NUMBER = re.compile(rb"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class WordVectors:
    """A table of word vectors.

    Attributes:
        words: the words in the order of the file, without duplicates.
        vectors: float32 ``[len(words), dimension]``, row ``i`` for word ``i``.
    """

    words: tuple[str, ...]
    vectors: np.ndarray

    def __len__(self) -> int:
        return len(self.words)

    @property
    def dimension(self) -> int:
        """Size of a vector."""
        return int(self.vectors.shape[1])


def read(
    path: str | PathLike[str],
    keep: Container[str] | None = None,
    limit: int | None = None,
    progress: bool = False,
    first: int = 0,
) -> WordVectors:
    """Read word vectors as a stream; only the selected ones are held in memory.

    Args:
        path: a plain file, a gzip file or a zip archive; ``archive.zip/name`` is a file of an
            archive with several.
        keep: the words to read; default: all.
        limit: the number of words to read; published files are sorted by frequency.
        progress: show a progress bar if standard error is a terminal.
        first: the number of words to read besides those to ``keep``, from the first on.

    Returns:
        The words and their vectors; the first vector of a word that occurs twice.

    Raises:
        MissingDataError: there is no such file.
        InputError: the archive has several files and the path names none of them, or ``limit`` is
            negative.
        DataError: the file is damaged, or a line has another dimension than the first, a number
            that is not a finite float32, or a word that is not UTF-8 (with the line).
    """
    if limit is not None and limit < 0:
        raise InputError(f"limit {limit} of word vectors, expected 0 or more")
    path = Path(path)
    words: dict[str, None] = {}
    tables: list[np.ndarray] = []
    dimension = 0
    count: int | None = None  # of words, according to the first line
    number = 0
    with open_unpacked(path, progress) as file:
        for lines in _blocks(file, path):
            rows: list[bytes] = []
            numbers: list[int] = []
            for line in lines:
                number += 1
                line = line.rstrip(b" \r")
                if number == 1:
                    if header := re.fullmatch(rb"([0-9]{1,18}) ([1-9][0-9]{0,17})", line):
                        count, dimension = int(header[1]), int(header[2])
                        if dimension > _LARGEST_DIMENSION:
                            problem = f"vectors of {dimension} numbers"
                            raise DataError(f"{problem}, too many for a word", path, number)
                        continue
                    dimension = _dimension(line)
                if line.count(b" ") == dimension > 0:
                    raw, _, row = line.partition(b" ")
                else:
                    raw, row = _split(line, dimension, path, number)
                if not raw:
                    raise DataError("no word before the numbers", path, number)
                if len(words) == limit:
                    break
                try:
                    word = raw.decode("utf-8")
                except UnicodeDecodeError:
                    raise DataError("the word is not UTF-8", path, number) from None
                if word not in words and (keep is None or len(words) < first or word in keep):
                    words[word] = None
                    rows.append(row)
                    numbers.append(number)
            if rows:
                tables.append(_parse(rows, dimension, path, numbers))
            if len(words) == limit:
                break
        else:
            if number == 0:
                raise DataError("the file is empty, expected word vectors", path)
            if count is not None and count != number - 1:
                raise DataError(f"{number - 1} words, expected {count} as in the first line", path)
    vectors = np.concatenate(tables) if tables else np.zeros((0, dimension), np.float32)
    return WordVectors(tuple(words), vectors)


def write(path: str | PathLike[str], table: WordVectors) -> None:
    """Write word vectors with five significant digits, atomically.

    Args:
        path: the file; compressed with gzip if it ends in ``.gz``.
        table: the word vectors, at least one.

    Raises:
        InputError: the file cannot be written, or a word cannot be represented in it.
    """
    for word in table.words:
        if not word or "\n" in word or word[-1] in " \r" or word.isspace():
            raise InputError(f"{path}: the word {word!r} cannot be written to this format")
    with atomic_write(path) as fresh, open(fresh, "wb") as raw, ExitStack() as stack:
        compress = Path(path).suffix == ".gz"
        # Without file name and time: the same vectors make the same file.
        file = stack.enter_context(gzip.GzipFile("", "wb", 6, raw, 0)) if compress else raw
        for word, row in zip(table.words, table.vectors.tolist(), strict=True):
            file.write(" ".join([word, *map("{:.5g}".format, row)]).encode("utf-8") + b"\n")


def find(source: str | PathLike[str] | None = None) -> Path | None:
    """The path of the 100-dimensional GloVe 6B vectors for ``read``, or None.

    Args:
        source: a file of word vectors, or a folder to search; default: see
            ``treernn.corpora.locations``.
    """
    if source is not None and split_member(source)[1]:
        return Path(source)
    path = locations.find(DATA, source)
    return path / MEMBER if path and path.name == DATA.filename else path


def fetch(source: str | PathLike[str] | None = None) -> Path:
    """The path of the 100-dimensional GloVe 6B vectors for ``read``, after a download if necessary.

    Raises:
        MissingDataError: they are not in ``source``, or cannot be downloaded.
        DataError: the download has another checksum.
    """
    return find(source) or locations.fetch(DATA, source) / MEMBER


def _dimension(line: bytes) -> int:
    """The number of numbers at the end of a line, where the word before them is not counted."""
    fields = line.split(b" ")
    start = len(fields)
    while start > 1 and _NUMBER.fullmatch(fields[start - 1]):
        start -= 1
    return len(fields) - start


def _split(line: bytes, dimension: int, path: Path, number: int) -> tuple[bytes, bytes]:
    """Word and numbers of a line whose word contains spaces, or an error if there is none."""
    if dimension == 0:
        raise DataError("no numbers, expected a word and its vector", path, number)
    word, *row = line.rsplit(b" ", dimension)
    numbers = _dimension(line)
    if len(row) < dimension or (b" " in word and numbers != dimension):
        raise DataError(f"{numbers} numbers, expected {dimension}", path, number)
    return word, b" ".join(row)


def _parse(rows: list[bytes], dimension: int, path: Path, numbers: list[int]) -> np.ndarray:
    """Parse rows of ``dimension`` numbers, separated by single spaces: float32
    ``[rows, dimension]``. ``numbers`` are their lines, for errors."""
    text = b" ".join(rows)
    # The fast path takes plain decimal numbers. Whatever fails it is parsed number by number, to
    # report the line.
    if not text.translate(None, b"0123456789.eE+- ") and b"  " not in text:
        try:
            values = np.fromstring(text, dtype=np.float64, sep=" ")
        except (ValueError, DeprecationWarning):
            values = np.empty(0)
        if len(values) == len(rows) * dimension and np.abs(values).max() <= _LARGEST:
            return values.astype(np.float32).reshape(-1, dimension)
    for row, number in zip(rows, numbers, strict=True):
        for field in row.split(b" "):
            if not _NUMBER.fullmatch(field) or abs(float(field)) > _LARGEST:
                shown = field[:40].decode("utf-8", "replace")
                raise DataError(f"{shown!r} is not a finite float32 number", path, number)
    raise AssertionError("every field is a finite number, but the rows cannot be parsed")


def _blocks(file: IO[bytes], path: Path) -> Iterator[list[bytes]]:
    """Lines without line ends, a few megabytes at a time.

    Raises:
        DataError: a line is too long.
    """
    rest, number = b"", 1
    while block := file.read(_BLOCK):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        if max(map(len, (rest, *lines))) > _LONGEST:
            number += next(i for i, line in enumerate([*lines, rest]) if len(line) > _LONGEST)
            raise DataError(f"longer than {_LONGEST:,} bytes, expected a word vector", path, number)
        number += len(lines)
        yield lines
    if rest:
        yield [rest]

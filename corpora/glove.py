"""Word vectors in the text format of GloVe and word2vec: a word and its numbers on every line.

GloVe: Pennington et al. 2014, https://nlp.stanford.edu/projects/glove/. word2vec's text files open
with a line ``count dimension``. Words may hold any white space but a line feed, so that a line is
split from its right end.
"""

from __future__ import annotations

import gzip
import re
import sys
import zipfile
import zlib
from collections.abc import Container, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, cast

import numpy as np

from treernn.corpora import locations
from treernn.errors import DataError, InputError, MissingDataError
from treernn.files import whole_file

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
MEMBER = "glove.6B.100d.txt"  # the one of glove.6B.zip that `find` and `fetch` point to

_BLOCK = 1 << 22
_LARGEST = float(np.finfo(np.float32).max)
_NUMBER = re.compile(rb"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class WordVectors:
    """A table of word vectors.

    Attributes:
        words: the words, in the file's order, each once.
        vectors: float32 ``[len(words), dimension]``, row ``i`` for word ``i``.
    """

    words: tuple[str, ...]
    vectors: np.ndarray

    def __len__(self) -> int:
        return len(self.words)

    @property
    def dimension(self) -> int:
        """How many numbers a word has."""
        return int(self.vectors.shape[1])


def read(
    path: str | PathLike[str],
    keep: Container[str] | None = None,
    limit: int | None = None,
    progress: bool = False,
) -> WordVectors:
    """Read word vectors; the file is streamed, and only what is kept is held in memory.

    Args:
        path: a plain file, a gzip file, or a zip archive; ``archive.zip/member.txt`` names a
            member of an archive that has several.
        keep: the words to keep; all of them without it.
        limit: stop when so many words are kept. The files are sorted by frequency.
        progress: show a bar of the bytes read, when standard error is a terminal.

    Returns:
        The words and their vectors; of a word that comes twice, the first vector.

    Raises:
        MissingDataError: there is no such file.
        InputError: the archive has several members and the path names none of them.
        DataError: with the line, where it is short, of another dimension than the first, holds
            something that is not a finite number, or is not UTF-8; or the file is truncated.
    """
    if limit is not None and limit < 0:
        raise InputError(f"limit {limit} of word vectors, expected 0 or more")
    path = Path(path)
    kept: dict[str, None] = {}
    tables: list[np.ndarray] = []
    dimension = 0
    promised: int | None = None  # lines, where the file opens with their count
    number = 0
    with _open(path, progress) as file:
        for lines in _lines(file, path):
            rows: list[bytes] = []
            numbers: list[int] = []
            for line in lines:
                number += 1
                line = line.rstrip(b" \r")
                if number == 1:
                    if header := re.fullmatch(rb"([0-9]+) ([1-9][0-9]*)", line):
                        promised, dimension = int(header[1]), int(header[2])
                        continue
                    dimension = _dimension(line)
                blanks = line.count(b" ")
                if blanks == dimension > 0:
                    raw, _, row = line.partition(b" ")
                else:
                    raw, row = _split(line, dimension, path, number)
                if not raw:
                    raise DataError("no word before the numbers", path, number)
                if len(kept) == limit:
                    break
                try:
                    word = raw.decode("utf-8")
                except UnicodeDecodeError:
                    raise DataError("the word is not UTF-8", path, number) from None
                if word not in kept and (keep is None or word in keep):
                    kept[word] = None
                    rows.append(row)
                    numbers.append(number)
            if rows:
                tables.append(_parse(rows, dimension, path, numbers))
            if len(kept) == limit:
                break
        else:
            if number == 0:
                raise DataError("the file is empty, expected word vectors", path)
            found = number if promised is None else number - 1
            if promised is not None and found != promised:
                raise DataError(f"{found} words, the first line promises {promised}", path)
    vectors = np.concatenate(tables) if tables else np.zeros((0, dimension), np.float32)
    return WordVectors(tuple(kept), vectors)


def write(path: str | PathLike[str], table: WordVectors) -> None:
    """Write word vectors as ``read`` takes them, whole or not at all; five significant digits.

    Args:
        path: the file; packed with gzip where it ends in ``.gz``.
        table: of at least one word.

    Raises:
        InputError: the file cannot be written, or a word cannot stand in it.
    """
    for word in table.words:
        if not word or "\n" in word or word[-1] in " \r" or word.isspace():
            raise InputError(f"{path}: the word {word!r} cannot stand in a file of word vectors")
    with whole_file(path) as fresh, open(fresh, "wb") as raw, ExitStack() as stack:
        packed = Path(path).suffix == ".gz"
        # No name and no time in it: the same vectors make the same file.
        file = stack.enter_context(gzip.GzipFile("", "wb", 6, raw, 0)) if packed else raw
        for word, row in zip(table.words, table.vectors.tolist(), strict=True):
            file.write(" ".join([word, *map("{:.5g}".format, row)]).encode("utf-8") + b"\n")


def find(source: str | PathLike[str] | None = None) -> Path | None:
    """The 100-dimensional GloVe 6B vectors, in a form ``read`` takes; None where they are not.

    Args:
        source: a file of word vectors, or a folder to look in; without it, ``TREERNN_DATA`` and
            then the cache.
    """
    if source is not None and _place(Path(source))[1]:
        return Path(source)
    path = locations.find(DATA, source)
    return None if path is None else _readable(path)


def fetch(source: str | PathLike[str] | None = None) -> Path:
    """The 100-dimensional GloVe 6B vectors, in a form ``read`` takes; downloaded (862 MB) where
    they are nowhere.

    Raises:
        MissingDataError: they are not in ``source``, or cannot be downloaded.
        DataError: what was downloaded is not what was published.
    """
    return find(source) or _readable(locations.fetch(DATA, source))


def _readable(path: Path) -> Path:
    return path / MEMBER if path.name == DATA.filename else path


def _dimension(line: bytes) -> int:
    """How many numbers a line ends with, one word apart."""
    fields = line.split(b" ")
    start = len(fields)
    while start > 1 and _NUMBER.fullmatch(fields[start - 1]):
        start -= 1
    return len(fields) - start


def _split(line: bytes, dimension: int, path: Path, number: int) -> tuple[bytes, bytes]:
    """Word and numbers of a line whose word holds blanks, which is rare; else its error."""
    word, *row = line.rsplit(b" ", dimension) if dimension else [line]
    found = _dimension(line)
    if dimension == 0:
        raise DataError("no numbers, expected a word and its vector", path, number)
    if len(row) < dimension or (b" " in word and found != dimension):
        raise DataError(f"{found} numbers, expected {dimension}", path, number)
    return word, b" ".join(row)


def _parse(rows: list[bytes], dimension: int, path: Path, numbers: list[int]) -> np.ndarray:
    """Rows of numbers, each ``dimension`` of them and one blank between, as float32."""
    text = b" ".join(rows)
    # Only characters of plain numbers, single blanks, as many numbers as there must be, and finite.
    # What fails this is looked at number by number, to say where.
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
                shown = field.decode("utf-8", "replace")
                raise DataError(f"{shown!r} is not a finite float32 number", path, number)
    raise AssertionError("every field is a finite number, and yet they do not parse")


def _lines(file: IO[bytes], path: Path) -> Iterator[list[bytes]]:
    """The lines of a file, without their ends, a few megabytes at a time."""
    rest = b""
    while True:
        try:
            block = file.read(_BLOCK)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            raise DataError(f"truncated or damaged ({error}), get it again", path) from None
        if not block:
            break
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        yield lines
    if rest:
        yield [rest]


@contextmanager
def _open(path: Path, progress: bool) -> Iterator[IO[bytes]]:
    """The text of a file, unpacked."""
    place, member = _place(path)
    with ExitStack() as stack:
        try:
            file: IO[bytes] = stack.enter_context(open(place, "rb"))
            size = file.seek(0, 2)
            file.seek(0)
            magic = file.read(4)
            file.seek(0)
        except FileNotFoundError:
            raise MissingDataError(f"{path}: no such file") from None
        except OSError as error:
            raise DataError(f"cannot be read ({error.strerror})", path) from None
        if magic == b"PK\x03\x04":
            try:
                archive = stack.enter_context(zipfile.ZipFile(file))
                info = archive.getinfo(member or _only(archive, path))
                file, size = stack.enter_context(archive.open(info)), info.file_size
            except KeyError:
                raise MissingDataError(f"{place}: no {member} in this archive") from None
            except (zipfile.BadZipFile, OSError, RuntimeError) as error:
                raise DataError(f"truncated or damaged ({error}), get it again", path) from None
        elif member:
            raise MissingDataError(f"{path}: no such file, {place.name} is no zip archive")
        if progress and sys.stderr.isatty():
            from tqdm import tqdm

            bar = tqdm.wrapattr(
                file, "read", size, desc=path.name, unit="B", unit_scale=True, leave=False
            )
            file = stack.enter_context(bar)
        if magic[:2] == b"\x1f\x8b":
            file = stack.enter_context(cast(IO[bytes], gzip.GzipFile(fileobj=file)))
        yield file


def _place(path: Path) -> tuple[Path, str | None]:
    """The file to open, and the member that ``archive.zip/member`` names."""
    if not path.exists():
        for above in path.parents:
            if above.is_file():
                return above, path.relative_to(above).as_posix()
    return path, None


def _only(archive: zipfile.ZipFile, path: Path) -> str:
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if len(names) == 1:
        return names[0]
    raise InputError(
        f"{path}: holds {len(names)} files, name one of them: "
        + ", ".join(f"{path.name}/{name}" for name in names[:8])
    )

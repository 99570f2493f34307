"""Lines of a file or of standard input, and the records that readers make of them."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, NamedTuple

from treernn.errors import DataError
from treernn.tables.encoding import (
    INVALID_BYTE,
    check_encoding,
    find_encoding,
    not_decodable,
    replace_invalid,
)
from treernn.tables.source import STREAM_ERRORS, open_source

MAX_LINE = 1 << 24
"""Characters of a line that are read; a longer line is an error of its record."""

BLOCK = 1 << 16

_QUOTED = re.compile(r'"[^"]*(?:"|\Z)')


class Record(NamedTuple):
    """A record of a table.

    Attributes:
        line, last_line: numbers of its first and last line, from 1.
        values: its fields by column; of a bad record, what could be read.
        error: what is wrong with it, or None.
        unit: what ``line`` counts; for example the items of a JSON array.
    """

    line: int
    last_line: int
    values: Mapping[str, Any] = {}
    error: str | None = None
    unit: str = "line"

    @property
    def place(self) -> str:
        """``line 7``, or ``lines 7 to 9``, for messages."""
        single = self.line == self.last_line
        return f"{self.unit} {self.line}" if single else f"lines {self.line} to {self.last_line}"


class Lines:
    """Iterator over lines that can step back.

    Lines keep their end: ``\\n``, or ``\\r`` if that ends the lines. Bytes that are not in the
    encoding are lone surrogates, see ``INVALID_BYTE``.

    Args:
        file: bytes, decompressed.
        name: of the file, for errors.
        encoding: of the text.
        newline: the end of a line.
        sample: the first characters, which delimiters are found by.
        fraction: returns the fraction of the file read so far, 0 to 1.

    Attributes:
        number: of the last line returned, from 1.
        record: the lines since ``start_record``.
        error: set if one of them has more than ``MAX_LINE`` characters.
        keep_nan: whether ``NaN`` and infinity in JSON stay numbers; else they are null.

    Raises:
        DataError: the file is damaged; raised where the damage is reached.
    """

    def __init__(
        self,
        file: IO[bytes],
        name: str,
        encoding: str = "utf-8-sig",
        newline: str = "\n",
        sample: str = "",
        fraction: Callable[[], float] = lambda: 0.0,
    ) -> None:
        # Only of encodings in which other characters are single bytes can single bytes be kept.
        errors = (
            "treernn-invalid" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        )
        self._file = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline=newline)
        self.name, self.encoding, self.sample, self.fraction = name, encoding, sample, fraction
        self._pushed_back: deque[str] = deque()
        self._not_decodable = ""
        self.record: list[str] = []
        self.number = 0
        self.error: str | None = None
        self.keep_nan = False

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._pushed_back.popleft() if self._pushed_back else self._read(self._line)
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    def start_record(self) -> None:
        """A new record starts at the next line."""
        self.record.clear()
        self.error = None

    def step_back(self, keep: int = 0) -> None:
        """Return to the start of the record, or to the line after its first lines."""
        self._pushed_back.extendleft(reversed(self.record[keep:]))
        self.number -= len(self.record) - keep
        del self.record[keep:]

    def single(self) -> Iterator[str]:
        """The lines of a format in which each line is a record."""
        self.start_record()
        for line in self:
            yield line
            self.start_record()

    def block(self, size: int = BLOCK) -> str:
        """Characters for a format without lines; none at the end."""
        return self._read(lambda: self._file.read(size))

    def not_decodable(self, text: str) -> str:
        """What is wrong with a text that has an ``INVALID_BYTE``; the same for all of a file."""
        if not self._not_decodable:
            data = text.encode("utf-8", "surrogateescape")
            self._not_decodable = not_decodable(self.encoding, data)
        return self._not_decodable

    def _line(self) -> str:
        line = self._file.readline(MAX_LINE)
        end = line[-1:]
        if len(line) == MAX_LINE and end not in "\r\n":
            self.error = f"longer than {MAX_LINE:,} characters"
            while (more := self._file.readline(MAX_LINE)) and more[-1] not in "\r\n":
                pass
        return line

    def _read(self, read: Callable[[], str]) -> str:
        try:
            text = read()
        except STREAM_ERRORS as error:
            problem = f"cannot be read on after line {self.number} ({error})"
            raise DataError(problem, self.name) from None
        return text if self.number else text.removeprefix("\ufeff")


@contextlib.contextmanager
def open_lines(path: str | os.PathLike[str], encoding: str | None = None) -> Iterator[Lines]:
    """Open a file, which is decompressed if it is compressed, or with ``-`` standard input.

    Args:
        path: the file.
        encoding: of the text; default: see ``find_encoding``.

    Raises:
        InputError: it cannot be read, or there is no such encoding.
        DataError: its first bytes are damaged.
    """
    known = None if encoding is None else check_encoding(encoding)
    with open_source(path) as source:
        found = find_encoding(source.head)
        if known in ("utf-16", "utf-32"):  # without a mark their byte order is Windows'
            found = found if found.startswith(known) else f"{known}-le"
        elif known is not None:
            found = known
        sample = source.head.decode(found, "replace").removeprefix("\ufeff")
        unquoted = _QUOTED.sub("", sample)
        newline = "\r" if "\r" in unquoted[:-1] and "\n" not in unquoted else "\n"
        if not source.complete and newline in sample:  # the last line may be cut off
            sample = sample[: sample.rindex(newline) + 1]
        yield Lines(source.file, source.name, found, newline, sample, source.fraction)


def _invalid(error: UnicodeError) -> tuple[str, int]:
    """Handler of decoding errors: an ``INVALID_BYTE`` for each sequence that is not text."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


codecs.register_error("treernn-invalid", _invalid)

__all__ = ["INVALID_BYTE", "MAX_LINE", "Lines", "Record", "open_lines", "replace_invalid"]

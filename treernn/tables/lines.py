"""Lines of a file or of standard input, and the records that readers make of them."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from treernn.errors import DataError, InputError

MAX_LINE = 1 << 24
"""Characters of a line that are read; a longer line is an error of its record."""

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}

INVALID_BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as ``Lines`` decodes it."""


class Record(NamedTuple):
    """A record of a table.

    Attributes:
        line, last_line: numbers of its first and last line, from 1.
        values: its fields by column; of a bad record, what could be read.
        error: what is wrong with it, or None.
    """

    line: int
    last_line: int
    values: Mapping[str, Any] = {}
    error: str | None = None

    @property
    def place(self) -> str:
        """For messages: ``line 7``, or ``lines 7 to 9``."""
        single = self.line == self.last_line
        return f"line {self.line}" if single else f"lines {self.line} to {self.last_line}"


class Lines:
    """Iterator over lines that can step back.

    Lines end at ``\\n`` only, and keep it. Bytes that are not UTF-8 are lone surrogates.

    Args:
        file: bytes, decompressed.
        name: of the file, for errors.
        fraction: returns the fraction of the file read so far, 0 to 1.

    Attributes:
        number: of the last line returned, from 1.
        error: set if a line since ``start_record`` has more than ``MAX_LINE`` characters.

    Raises:
        DataError: the file is damaged; raised where the damage is reached.
    """

    def __init__(
        self, file: IO[bytes], name: str, fraction: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._file = io.TextIOWrapper(
            file, encoding="utf-8-sig", errors="surrogateescape", newline="\n"
        )
        self.name, self.fraction = name, fraction
        self._pushed_back: deque[str] = deque()
        self._record: list[str] = []
        self.number = 0
        self.error: str | None = None

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._pushed_back.popleft() if self._pushed_back else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._record.append(line)
        return line

    def start_record(self) -> None:
        """A new record starts at the next line."""
        self._record.clear()
        self.error = None

    def end_record_after_first_line(self) -> None:
        """Step back to the second line of the record."""
        self._pushed_back.extendleft(reversed(self._record[1:]))
        self.number -= len(self._record) - 1
        del self._record[1:]

    def single(self) -> Iterator[str]:
        """The lines of a format in which each line is a record."""
        self.start_record()
        for line in self:
            yield line
            self.start_record()

    def _read(self) -> str:
        try:
            line = self._file.readline(MAX_LINE)
            if len(line) == MAX_LINE and not line.endswith("\n"):
                self.error = f"longer than {MAX_LINE:,} characters"
                while (more := self._file.readline(MAX_LINE)) and not more.endswith("\n"):
                    pass
        except (OSError, EOFError, ValueError) as error:
            problem = f"cannot be read on after line {self.number} ({error})"
            raise DataError(problem, self.name) from None
        return line


@contextlib.contextmanager
def open_lines(path: str | os.PathLike[str]) -> Iterator[Lines]:
    """Open a file, which is decompressed if it ends with .gz or .zst, or with ``-`` standard input.

    Raises:
        InputError: it cannot be read.
    """
    if path == "-":
        # Not sys.stdin: a thread that waits in it would delay the exit.
        stdin = io.FileIO(sys.stdin.fileno(), closefd=False)
        yield Lines(io.BufferedReader(stdin), "standard input")
        return
    try:
        raw = open(path, "rb", buffering=0)  # noqa: SIM115  (closed below)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    with contextlib.ExitStack() as stack:
        source: Any = stack.enter_context(raw)
        size = os.fstat(raw.fileno()).st_size or 1
        if compression := COMPRESSIONS.get(Path(path).suffix.lower()):
            import pyarrow as pa

            source = stack.enter_context(pa.PythonFile(raw, "r"))
            source = stack.enter_context(pa.CompressedInputStream(source, compression))
        file = stack.enter_context(io.BufferedReader(source, 1 << 18))
        yield Lines(file, str(path), lambda: min(1.0, raw.tell() / size))


def replace_invalid(text: str) -> str:
    """The text with U+FFFD in the place of bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

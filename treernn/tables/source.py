"""The bytes of a file or of standard input, decompressed; the one place where tables are opened."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from treernn.errors import DataError, InputError

HEAD = 1 << 16
"""Bytes that encoding, line ends and delimiter are found by."""

COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")

STREAM_ERRORS = (OSError, EOFError, ValueError, zlib.error)
"""What damaged files raise; ``lzma.LZMAError`` is turned into an ``OSError`` here."""


class Source(NamedTuple):
    """An open file.

    Attributes:
        file: its bytes, decompressed.
        name: for messages.
        head: the first bytes, which ``file`` begins with too: ``HEAD`` of a file, at least a line
            of a stream.
        complete: whether ``head`` is all there is.
        fraction: returns the fraction of the file read so far, 0 to 1; 0 for a stream.
    """

    file: IO[bytes]
    name: str
    head: bytes
    complete: bool
    fraction: Callable[[], float]


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether a path can be read once only: ``-`` for standard input, a pipe or a device."""
    if path == "-":
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextlib.contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[Source]:
    """Open a file, or with ``-`` standard input; what is compressed is recognised by its content.

    Raises:
        InputError: it cannot be read.
        DataError: its first bytes are damaged.
    """
    name = "standard input" if path == "-" else str(path)
    with contextlib.ExitStack() as stack:
        try:
            # Not sys.stdin: a thread that waits in it would delay the exit.
            raw = (
                io.FileIO(sys.stdin.fileno(), closefd=False)
                if path == "-"
                else stack.enter_context(open(path, "rb", buffering=0))
            )
            status = os.fstat(raw.fileno())
            stream = not stat.S_ISREG(status.st_mode)
            start = _read_head(raw, 6, stream)
        except IsADirectoryError:
            raise InputError(f"{name}: is a folder, expected a file") from None
        except (OSError, ValueError) as error:
            problem = getattr(error, "strerror", None) or str(error)
            raise InputError(f"{name}: cannot be read ({problem})") from None
        size = status.st_size or 1
        joined = _Joined(start, raw)
        try:
            source = _decompressed(joined, start, stack)
            head = _read_head(source, HEAD, stream)
        except STREAM_ERRORS as error:
            raise DataError(f"cannot be read ({error})", name) from None
        file = io.BufferedReader(_Joined(head, source), 1 << 18)

        def fraction() -> float:
            return 0.0 if stream else min(1.0, raw.tell() / size)

        yield Source(file, name, head, len(head) < HEAD and not stream, fraction)


def _read_head(file: Any, size: int, stream: bool) -> bytes:
    """The first bytes: ``size`` of them, or of a stream what is there when a line is complete."""
    read = getattr(file, "read1", file.read)
    head = b""
    while len(head) < size:
        block = read(HEAD if stream else size - len(head))
        if not block:
            break
        head += block
        if stream and b"\n" in head:
            break
    return head


def _decompressed(raw: _Joined, start: bytes, stack: contextlib.ExitStack) -> Any:
    """The content of a file that starts so."""
    if start.startswith(b"\x1f\x8b"):
        import gzip

        return gzip.GzipFile(fileobj=raw)
    if start.startswith(b"BZh") and start[3:4].isdigit() and start[4:6] == b"1A":
        import bz2

        return bz2.BZ2File(raw)
    if start.startswith(b"\xfd7zXZ\x00"):
        return _LZMA(raw)
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        import pyarrow as pa

        file = stack.enter_context(pa.PythonFile(raw, "r"))
        return stack.enter_context(pa.CompressedInputStream(file, "zstd"))
    return raw


class _LZMA:
    """``lzma.LZMAFile``, whose error is no ``OSError``."""

    def __init__(self, raw: Any) -> None:
        import lzma

        self._file, self._error = lzma.LZMAFile(raw), lzma.LZMAError  # noqa: SIM115

    def read1(self, size: int) -> bytes:
        try:
            return self._file.read1(size)
        except self._error as error:
            raise OSError(str(error)) from None

    read = read1


class _Joined(io.RawIOBase):
    """Bytes that were read already, and then the rest of a file."""

    def __init__(self, head: bytes, rest: Any) -> None:
        self._head, self._read_rest = head, getattr(rest, "read1", rest.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._head:
            self._head = self._read_rest(len(buffer)) or b""
        size = min(len(buffer), len(self._head))
        buffer[:size] = self._head[:size]
        self._head = self._head[size:]
        return size


@contextlib.contextmanager
def open_sink(path: Path, compression: str = "") -> Iterator[IO[bytes]]:
    """Open a file to write it; one content gives one file, byte for byte.

    Args:
        path: the file.
        compression: one of ``COMPRESSIONS``, or none.
    """
    with contextlib.ExitStack() as stack:
        file: Any = stack.enter_context(path.open("wb"))
        match compression:
            case ".gz":
                import gzip

                file = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
            case ".bz2":
                import bz2

                file = stack.enter_context(bz2.BZ2File(file, "wb"))
            case ".xz":
                import lzma

                file = stack.enter_context(lzma.LZMAFile(file, "wb"))
            case ".zst":
                import pyarrow as pa

                sink = stack.enter_context(pa.PythonFile(file, "w"))
                file = stack.enter_context(pa.CompressedOutputStream(sink, "zstd"))
        yield file

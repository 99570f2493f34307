"""The bytes of a file or of standard input, decompressed by what its first bytes say."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from treernn.errors import DataError, InputError, one_line
from treernn.stores import StoredFile
from treernn.tables.outside import MAX_WHOLE, Bounded, open_file, read_whole, reading

HEAD = 1 << 16
"""Bytes that encoding, line ends and delimiter are found by."""

COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")

STREAM_ERRORS = (OSError, ValueError)
"""What reading a ``Source`` raises: ``OSError``, or ``ValueError`` where it is decoded."""


DAMAGED = "truncated or damaged ({}), get it again"


class Source(NamedTuple):
    """An open file.

    Attributes:
        file: its bytes, decompressed.
        name: for messages.
        head: the first bytes, which ``file`` begins with too: ``HEAD`` of a file, at least a line
            of a stream.
        complete: whether ``head`` is all there is.
        fraction: returns the fraction of the file read so far, 0 to 1; 0 for a stream.
        raw: the file itself, which ``file`` reads.
        stream: whether ``raw`` can be read once only.
        size: bytes of ``raw``, at least 1; of a stream as many as will do.
    """

    file: IO[bytes]
    name: str
    head: bytes
    complete: bool
    fraction: Callable[[], float]
    raw: io.RawIOBase
    stream: bool
    size: int


def is_stream(path: str | os.PathLike[str] | int) -> bool:
    """Whether a path or an open file can be read once only: ``-`` for standard input, a pipe or a
    device."""
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
            raw = stack.enter_context(open_file(path))
            start = _read_head(raw, 6, _is_stream(raw))
        except IsADirectoryError:
            raise InputError(f"{name}: is a folder, expected a file") from None
        except (OSError, ValueError) as error:
            raise InputError(f"{name}: cannot be read ({one_line(error)})") from None
        try:
            source = _source(raw, start, name, stack)
        except STREAM_ERRORS as error:
            raise DataError(f"cannot be read ({one_line(error)})", name) from None
        yield source


@contextlib.contextmanager
def open_data(path: str | os.PathLike[str]) -> Iterator[Source]:
    """Open a file of data, as ``open_source`` does; for formats that are no tables.

    Raises:
        MissingDataError: there is no such file.
        DataError: it cannot be read, or is damaged, also where this shows only while it is read.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(reading(path, DAMAGED, OSError))
        with reading(path):
            raw = stack.enter_context(open_file(path))
            start = _read_head(raw, 6, _is_stream(raw))
        yield _source(raw, start, str(path), stack)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The content of a file, decompressed.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is a folder, cannot be read, is damaged, or larger than ``MAX_WHOLE``.
    """
    with open_data(path) as source:
        return read_whole(source.file, path)


def _source(raw: io.RawIOBase, start: bytes, name: str, stack: contextlib.ExitStack) -> Source:
    """The content of an open file, which begins with ``start``.

    Raises:
        OSError: its first bytes are damaged.
    """
    stream = _is_stream(raw)
    size = MAX_WHOLE if stream else _size(raw) or 1
    joined = _Joined(start, raw)
    source = _decompressed(joined, start, stack)
    if source is not joined:
        source = Bounded(source, lambda: joined.count)
    head = _read_head(source, HEAD, stream)
    file = io.BufferedReader(_Joined(head, source), 1 << 18)

    def fraction() -> float:
        return 0.0 if stream else min(1.0, raw.tell() / size)

    complete = len(head) < HEAD and not stream
    return Source(file, name, head, complete, fraction, raw, stream, size)


def _is_stream(raw: io.RawIOBase) -> bool:
    return not isinstance(raw, StoredFile) and is_stream(raw.fileno())


def _size(raw: io.RawIOBase) -> int:
    return raw.size if isinstance(raw, StoredFile) else os.fstat(raw.fileno()).st_size


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
        import lzma

        return lzma.LZMAFile(raw)  # type: ignore[arg-type]
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        import pyarrow as pa

        file = stack.enter_context(pa.PythonFile(raw, "r"))
        return stack.enter_context(pa.CompressedInputStream(file, "zstd"))
    return raw


class _Joined(io.RawIOBase):
    """Bytes that were read already, and then the rest of a file.

    Attributes:
        count: of the bytes that it has returned.
    """

    def __init__(self, head: bytes, rest: Any) -> None:
        self._head, self._read_rest = head, getattr(rest, "read1", rest.read)
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._head:
            self._head = self._read_rest(len(buffer)) or b""
        size = min(len(buffer), len(self._head))
        buffer[:size] = self._head[:size]
        self._head = self._head[size:]
        self.count += size
        return size


@contextlib.contextmanager
def open_sink(path: Path | IO[bytes], compression: str = "") -> Iterator[IO[bytes]]:
    """Open a file to write it; one content gives one file, byte for byte.

    Args:
        path: the file, or a stream that is open already.
        compression: one of ``COMPRESSIONS``, or none.
    """
    with contextlib.ExitStack() as stack:
        file: Any = stack.enter_context(path.open("wb")) if isinstance(path, Path) else path
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

"""Standard input and output that may be closed, full, or of another encoding."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, Any

from treernn.errors import TreernnError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class StreamError(TreernnError):
    """Standard output cannot be written, or standard input cannot be read."""


class _ClosedInput(io.RawIOBase):
    """Stands in for standard input that was closed when the process started, ``treernn <&-``."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: WriteableBuffer) -> int:
        raise StreamError("standard input is closed, there is nothing to read")

    def fileno(self) -> int:
        raise StreamError("standard input is closed, there is nothing to read")


class _Droppable(io.RawIOBase):
    """An output that can be told to forget what it is given from then on."""

    dropped = False

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int | None:
        return memoryview(data).nbytes if self.dropped else self._write(data)

    def _write(self, data: ReadableBuffer) -> int | None:
        raise NotImplementedError


class _ClosedOutput(_Droppable):
    """Stands in for standard output that was closed when the process started."""

    def _write(self, _data: ReadableBuffer) -> int:
        raise StreamError("standard output is closed, nothing can be printed")


class _Output(_Droppable):
    """Passes all on to standard output. An ``OSError`` of it, such as a full disk, cannot be taken
    for one of a file that is being read or written."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.name = getattr(raw, "name", "<stdout>")

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def _write(self, data: ReadableBuffer) -> int | None:
        try:
            while (written := self._raw.write(data)) is None:  # it does not block, and is full
                select.select([], [self._raw], [])
        except BrokenPipeError:  # the reader, for example head, has seen enough
            raise
        except OSError as error:
            reason = error.strerror or os.strerror(error.errno or errno.EIO)
            raise StreamError(f"standard output cannot be written ({reason})") from None
        return int(written)


class _Errors(_Output):
    """Standard error: where it takes nothing, there is no place to say so."""

    def _write(self, data: ReadableBuffer) -> int | None:
        try:
            return super()._write(data)
        except (OSError, StreamError):
            return memoryview(data).nbytes


def prepare() -> None:
    """Make the standard streams usable in any case, as UTF-8."""
    for number in range(3):  # a file that is opened later must not take the place of a stream
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_ClosedInput()))
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_ClosedOutput()))
    elif sys.stdout is sys.__stdout__:
        sys.stdout = sys.__stdout__ = _guarded(sys.stdout, _Output)  # type: ignore[misc]
    if sys.stderr is None:  # print would take standard output instead
        sys.stderr = _nowhere()
    elif sys.stderr is sys.__stderr__:
        sys.stderr = sys.__stderr__ = _guarded(sys.stderr, _Errors)  # type: ignore[misc]
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _guarded(stream: Any, kind: type[_Output]) -> Any:
    """The stream, with what is written checked by ``kind``."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    lines = stream.line_buffering or stream.write_through
    binary: Any = stream.detach()
    output = io.BufferedWriter(kind(getattr(binary, "raw", binary)))
    _kept.append(binary)  # closes its file when it goes
    return io.TextIOWrapper(output, line_buffering=lines)


def drop_output() -> None:
    """Forget what standard output has not taken; Python would try again when it goes."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Droppable):
        raw.dropped = True
    sys.stdout = _nowhere()


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")


_kept: list[Any] = []

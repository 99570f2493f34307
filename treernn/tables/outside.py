"""What comes from outside is opened here: no wait without end, no more memory than is allowed, and
what a library raises becomes one typed error of one line."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any

from treernn.errors import DataError, MissingDataError, TreernnError, one_line
from treernn.stores import Stored, StoredFile, place

MAX_WHOLE = 1 << 31
"""Bytes of a file, or of all wanted files of an archive, that are held in memory at once."""

MAX_RATIO, FREE = 100, 1 << 26
"""Bytes that a compressed byte may become, counted from ``FREE`` bytes on; texts become 2 to 30."""

PATIENCE = 10.0
"""Seconds within which a program must have opened a named pipe to write into it."""


@contextlib.contextmanager
def reading(
    path: str | os.PathLike[str],
    problem: str = "cannot be read ({})",
    errors: type[Exception] = Exception,
) -> Iterator[None]:
    """Turn what goes wrong in a block into an error of the file that it reads.

    Libraries raise errors of many kinds, ``KeyError`` and ``RecursionError`` among them; the block
    contains the call of a library and nothing else, or ``errors`` says what its reading raises.

    Args:
        path: the file.
        problem: what the file is then, unless it cannot be opened at all; ``{}`` is what the
            library says.
        errors: the errors that are turned.

    Raises:
        MissingDataError: there is no such file.
        DataError: all other errors; those of treernn pass as they are.
    """
    try:
        yield
    except TreernnError:
        raise
    except FileNotFoundError:
        raise MissingDataError(f"{path}: no such file") from None
    except errors as error:
        if isinstance(error, OSError) and error.errno:  # of the system
            problem = "cannot be read ({})"
        if isinstance(error, TooLargeError):
            problem = "{}"
        raise DataError(problem.format(one_line(error)), path) from None


def open_file(path: str | os.PathLike[str]) -> io.FileIO | StoredFile:
    """Open a file, or an object of a store, or with ``-`` standard input.

    Raises:
        OSError, ValueError: it cannot be opened; or it is a named pipe into which nothing writes,
            or a device, which may have no end.
    """
    if path == "-":  # not sys.stdin: a thread that waits in it would delay the exit
        file = io.FileIO(sys.stdin.fileno(), closefd=False)
        _refuse_device(os.fstat(file.fileno()), file.isatty())
        return file
    where = place(path)
    if isinstance(where, Stored):
        return where.open()
    status = os.stat(path)
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        with io.FileIO(path) as opened:
            _refuse_device(status, opened.isatty())
    # The pipes of a shell, ``<(...)``, have their writers already.
    if stat.S_ISFIFO(status.st_mode) and not os.fspath(path).startswith(("/dev/", "/proc/")):
        return _open_named_pipe(path)
    return io.FileIO(path)


def _refuse_device(status: os.stat_result, is_terminal: bool) -> None:
    if sys.platform == "win32":  # where only the null device and the console are character devices
        return
    device = stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode)
    if device and not is_terminal and status.st_rdev != os.stat(os.devnull).st_rdev:
        raise OSError("a device, expected a file")


def _open_named_pipe(path: str | os.PathLike[str]) -> io.FileIO:
    if sys.platform == "win32":  # whose named pipes are no files
        return io.FileIO(path)
    import select

    file = io.FileIO(path, opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))
    poll = select.poll()
    poll.register(file, select.POLLIN)
    # With a writer that is silent so far, reading says that it would block.
    if not poll.poll(1000 * PATIENCE) and file.read(1) is not None:
        file.close()
        raise OSError("a named pipe into which nothing writes")
    os.set_blocking(file.fileno(), True)
    return file


class TooLargeError(OSError):
    """What a decompressor returns is out of proportion."""


class Bounded(io.RawIOBase):
    """The bytes of a decompressor, which then raises nothing but ``OSError``.

    Args:
        file: the decompressor.
        consumed: returns the number of compressed bytes that it has read.
    """

    def __init__(self, file: Any, consumed: Callable[[], int]) -> None:
        self._read, self._consumed = getattr(file, "read1", file.read), consumed
        self._count = 0

    def readable(self) -> bool:
        """As ``io`` asks for it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As ``io`` asks for it."""
        try:
            block = self._read(len(buffer)) or b""
        except Exception as error:  # those of zlib, lzma, zipfile and Arrow have no common kind
            raise OSError(one_line(error)) from None
        self._count += len(block)
        if self._count > max(FREE, MAX_RATIO * self._consumed()):
            raise TooLargeError(
                f"becomes more than {MAX_RATIO} times larger when decompressed, as a decompression "
                "bomb does; if you trust it, decompress it first"
            )
        buffer[: len(block)] = block
        return len(block)


def read_whole(file: IO[bytes], path: str | os.PathLike[str], limit: int | None = None) -> bytes:
    """The rest of a file.

    Args:
        file: the file.
        path: its name, for the error.
        limit: bytes that may be read; default: ``MAX_WHOLE``.

    Raises:
        DataError: there are more.
    """
    left = MAX_WHOLE if limit is None else limit
    blocks = []
    while block := file.read(min(left, 1 << 20) + 1):
        left -= len(block)
        if left < 0:
            raise DataError(f"more than {MAX_WHOLE >> 20:,} MB, too large to be read at once", path)
        blocks.append(block)
    return b"".join(blocks)

"""Read UTF-8 files; errors name the file, line and column."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import IO

from treernn.errors import DataError, MissingDataError


def read_bytes(path: str | PathLike[str]) -> bytes:
    """Return the content of a file.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is a folder or cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise MissingDataError(f"{path}: no such file") from None
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", path) from None


def decode(data: bytes, path: str | PathLike[str] | None = None) -> str:
    """Decode UTF-8 and drop a byte order mark.

    Args:
        data: the bytes.
        path: the file they come from, for errors.

    Raises:
        DataError: a byte is not UTF-8; with its line and column.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        raise DataError(
            f"byte 0x{data[error.start]:02x} is not UTF-8, save the file as UTF-8",
            path,
            data.count(b"\n", 0, error.start) + 1,
            len(data[start : error.start].decode("utf-8").removeprefix("\ufeff")) + 1,
        ) from None


def read_text(
    source: str | PathLike[str] | IO[bytes] | IO[str], path: str | PathLike[str] | None = None
) -> str:
    """Read a UTF-8 file.

    Args:
        source: a path or an open file.
        path: the name of an open file, for errors.

    Raises:
        MissingDataError, DataError: see ``read_bytes`` and ``decode``.
    """
    if isinstance(source, str | PathLike):
        return decode(read_bytes(source), source)
    content = source.read()
    return content if isinstance(content, str) else decode(content, path)

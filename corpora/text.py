"""Bytes to text, with a place for what is not UTF-8."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from treernn.errors import DataError, MissingDataError


def read_bytes(path: str | PathLike[str]) -> bytes:
    """The content of a file.

    Raises:
        MissingDataError: there is no such file.
        DataError: it cannot be read, or it is a folder.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise MissingDataError(f"{path}: no such file") from None
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", path) from None


def decode(data: bytes, path: str | PathLike[str] | None = None) -> str:
    """UTF-8 bytes as text, without a byte order mark.

    Raises:
        DataError: with line and column of the first byte that is not UTF-8.
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

"""What a command writes to: files, which are replaced as a whole, or streams.

Links are followed. Devices and pipes cannot be replaced: they are written to.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from treernn.errors import InputError, StorageError, one_line
from treernn.stores import Place, Stored, is_address, place

_DESCRIPTOR = re.compile(
    r"/dev/(?:std(?P<name>in|out|err)|fd/(?P<fd>[0-9]{1,9}))|/proc/self/fd/(?P<self>[0-9]{1,9})"
)
_STANDARD = {"in": 0, "out": 1, "err": 2}
_OF_STORAGE = {getattr(errno, name, -1) for name in ("ENOSPC", "EDQUOT", "EROFS", "EIO", "ESTALE")}


def target_of(path: str | os.PathLike[str]) -> Place:
    """The file that is written under this name: where links lead, existing or not; or an object.

    Raises:
        InputError: there is something else than a file, or the name cannot be one of a file.
    """
    if isinstance(stored := place(path), Stored):
        return stored
    target, mode = _followed(path)
    if mode is not None and stat.S_ISDIR(mode):
        raise InputError(f"{path}: cannot be written, it is a folder")
    if mode is not None and not stat.S_ISREG(mode):
        raise InputError(f"{path}: cannot be written, it is no file")
    return target


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether what is written under this name goes to a device, a pipe or an open file, such as
    ``/dev/stdout``, and cannot be replaced as a whole."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check that a file can have this name, or that there is a stream; before anything slow.

    Raises:
        InputError: as ``target_of``.
    """
    if not is_stream(path):
        target_of(path)


def folder_of(path: str | os.PathLike[str]) -> Path:
    """The folder that is written under this name: where links lead, existing or not.

    Raises:
        InputError: there is something else than a folder, or the name cannot be one of a folder.
    """
    folder, mode = _followed(path)
    if mode is not None and not stat.S_ISDIR(mode):
        raise InputError(f"{os.fspath(path)}: cannot be written, it is no folder")
    return folder


@contextlib.contextmanager
def open_stream(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a device, a pipe or an open file to write to it.

    Raises:
        InputError: it cannot be written, or is closed at its other end.
    """
    descriptor = _descriptor(path)
    try:
        # Opened by its name, a file that a shell has opened would be emptied, or written twice.
        with open(path if descriptor is None else os.dup(descriptor), "wb") as file:
            yield file
    except OSError as error:
        raise cannot_write(path, error) from None


def _followed(path: str | os.PathLike[str]) -> tuple[Path, int | None]:
    """Where a link leads, or the path itself; and the mode of what is there, None for nothing.

    Raises:
        InputError: the name cannot be one of a file.
    """
    try:
        target = Path(os.path.realpath(path) if os.path.islink(path) else path)
        return target, target.stat().st_mode
    except FileNotFoundError:
        return target, None
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from None


def _descriptor(path: str | os.PathLike[str]) -> int | None:
    """The number of the open file of this process that a path names, if it names one."""
    place = os.path.abspath(path)
    for _ in range(40):
        if match := _DESCRIPTOR.fullmatch(place):
            return _STANDARD[match["name"]] if match["name"] else int(match["fd"] or match["self"])
        try:
            place = os.path.join(os.path.dirname(place), os.readlink(place))
        except (OSError, ValueError):
            return None
    return None


def cannot_write(path: str | os.PathLike[str], error: Exception) -> InputError:
    """The one line for an error of the system; a ``StorageError`` where other files beside this
    one could not be written either."""
    of_all = is_address(path) or getattr(error, "errno", None) in _OF_STORAGE
    kind = StorageError if of_all else InputError
    return kind(f"{os.fspath(path)}: cannot be written ({one_line(error)})")

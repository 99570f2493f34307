"""One process at a time in a folder: a lock that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from treernn.errors import InputError
from treernn.outputs import cannot_write

LOCK = "lock"
"""The name of the lock's file in the folder; it says who holds it."""

_HOLDER = re.compile(rb"process [0-9]{1,10} on [\w.-]{1,64} since [0-9: -]{19}\n")
_LOCKED_BYTE = 1 << 30  # on Windows a locked byte cannot be read, so it is not one of the text


@contextlib.contextmanager
def locked(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Make a folder if it is missing, and keep other processes and threads out of it.

    The system releases the lock of a process that was killed. Processes that this one starts or
    forks do not have it.

    Raises:
        InputError: another one has the lock; the message says which process, on which machine and
            since when. Or the folder cannot be written.
    """
    descriptor = _acquire(Path(folder))
    path = Path(folder, LOCK)
    _held.add(descriptor)
    try:
        yield
    finally:
        if descriptor in _held:  # not in a forked process
            _held.remove(descriptor)
            if sys.platform == "win32":  # which removes no open file
                os.close(descriptor)
                with contextlib.suppress(OSError):
                    path.unlink()
            else:
                if _is_at(path, descriptor):  # the folder may have been renamed, and made again
                    with contextlib.suppress(OSError):
                        path.unlink()
                os.close(descriptor)


def remove_stale(folder: str | os.PathLike[str]) -> None:
    """Remove the lock of a process that was killed, if there is one."""
    if os.path.lexists(Path(folder, LOCK)):
        with contextlib.suppress(InputError), locked(folder):
            pass


def _acquire(folder: Path) -> int:
    """The descriptor of the folder's lock."""
    path = folder / LOCK
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    for _ in range(100):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, flags, 0o666)
        except FileNotFoundError:  # its holder has just removed the folder
            continue
        except (OSError, ValueError) as error:
            raise cannot_write(folder, error) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InputError(f"{path}: not a file of treernn; move it away")
        if not _try_to_lock(descriptor):
            holder = _holder(descriptor)
            os.close(descriptor)
            raise InputError(f"{folder}: in use by {holder}; wait for its end, or write elsewhere")
        if _is_at(path, descriptor):
            now = time.strftime("%Y-%m-%d %H:%M:%S")
            text = f"process {os.getpid()} on {socket.gethostname()} since {now}\n"
            with contextlib.suppress(OSError):  # a full disk: it is locked nevertheless
                os.ftruncate(descriptor, 0)
                os.write(descriptor, text.encode())
            return descriptor
        os.close(descriptor)  # its holder removed it at this moment
    raise InputError(f"{folder}: cannot be written, other processes remove it again and again")


def _holder(descriptor: int) -> str:
    with contextlib.suppress(OSError):
        text = os.read(descriptor, 200)
        if _HOLDER.fullmatch(text):
            return text.decode().rstrip("\n")
    return "another process"


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file still has its name."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _try_to_lock(descriptor: int) -> bool:
        """Lock a file until it is closed; False if it is locked."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_to_lock(descriptor: int) -> bool:
        """Lock a file until it is closed; False if it is locked."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: as good as it gets
            pass
        return True


def _let_go() -> None:
    """A forked process has copies of the descriptors, which would keep the locks."""
    while _held:
        with contextlib.suppress(OSError):
            os.close(_held.pop())


_held: set[int] = set()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)

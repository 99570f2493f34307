"""What no input may cause: a hang, a file elsewhere, a process, a connection, a pickle."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CPU_SECONDS, SECONDS = 10.0, 90.0
"""Limits of a case: of computing, on a busy machine too; and of waiting, for a pipe for example."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_PATHS = {"os.mkdir": 1, "os.remove": 1, "os.rename": 2, "os.rmdir": 1, "os.link": 2,
          "os.symlink": 2, "os.truncate": 1, "os.chmod": 1, "shutil.rmtree": 1}  # fmt: skip
_NEVER = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect",
          "socket.getaddrinfo", "pickle.find_class", "ctypes.dlopen")  # fmt: skip
_DEVICES = ("/dev/null", "/dev/tty")


class Hang(BaseException):
    """A case took too long; no code of others catches it."""


class Forbidden(AssertionError):  # noqa: N818
    """A case did what no input may cause."""


class _Watch:
    folder: str | None = None  # where writing is allowed; None: no case is running
    secret = ""  # what no case may read
    seen: list[str] = []  # noqa: RUF012


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    folder = _Watch.folder
    if folder is None:
        return
    if event == "open":
        path, mode, flags = arguments
        writes = any(letter in mode for letter in "wax+") if mode else (flags or 0) & _WRITES
        if not isinstance(path, int) and path is not None:
            text = os.path.abspath(os.fsdecode(path)) if "\0" not in os.fsdecode(path) else ""
            if text.startswith(_Watch.secret):
                _Watch.seen.append(f"read {text}")
            elif writes and not text.startswith(folder) and text not in _DEVICES:
                _Watch.seen.append(f"wrote {text}")
    elif event in _PATHS:
        for path in arguments[: _PATHS[event]]:
            if isinstance(path, str | bytes | os.PathLike):
                text = os.path.abspath(os.fsdecode(path))
                if not text.startswith(folder):
                    _Watch.seen.append(f"{event} {text}")
    elif event in _NEVER:
        _Watch.seen.append(f"{event} {str(arguments)[:100]}")


_hooked: list[bool] = []


@contextmanager
def watched(folder: Path, secret: Path) -> Iterator[None]:
    """Run a case: raise ``Hang`` or ``Forbidden`` if it does what it may not.

    Args:
        folder: where it may write.
        secret: a folder that it may not read.
    """
    if not _hooked:  # a hook stays for ever
        sys.addaudithook(_hook)
        _hooked.append(True)
    _Watch.seen = []
    before = [signal.signal(number, _hang) for number in (signal.SIGPROF, signal.SIGALRM)]
    compiled, unraisable = sys.dont_write_bytecode, sys.unraisablehook
    sys.unraisablehook = _ignored
    sys.dont_write_bytecode = True
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    _Watch.folder, _Watch.secret = str(folder), str(secret)
    try:
        yield
    finally:
        _Watch.folder = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in zip((signal.SIGPROF, signal.SIGALRM), before, strict=True):
            signal.signal(number, handler)
        sys.dont_write_bytecode, sys.unraisablehook = compiled, unraisable
    if _Watch.seen:
        raise Forbidden("; ".join(_Watch.seen[:3]))


def _ignored(arguments: Any) -> None:
    """What Python would print and go on, such as a file that was not closed."""
    _Watch.seen.append(f"{arguments.exc_value!r} in {arguments.object!r}"[:300])


def _hang(number: int, _frame: Any) -> None:
    limit = CPU_SECONDS if number == signal.SIGPROF else SECONDS
    raise Hang(f"longer than {limit:.0f} s")

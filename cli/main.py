"""``treernn``: starts the command line, which ``app`` contains.

Little is imported here, so that Ctrl-C ends the process silently from its first moments on, while
it imports what it needs: a traceback out of some library tells a user nothing.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from types import FrameType

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

INTERRUPTED = 130
"""Exit status after Ctrl-C, as that of a shell."""


def main() -> None:
    """Run the command line; a ``TreernnError`` is one line on standard error, and status 2."""
    previous = _handle_interrupts()
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        if previous is not None:
            # All is done then. The last that is registered is the first that runs at the exit.
            atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGINT, previous)


def _run() -> None:
    from treernn.cli import streams
    from treernn.cli.app import run
    from treernn.cli.failures import failed_import, report
    from treernn.errors import TreernnError

    streams.prepare()
    try:
        try:
            run()
        finally:
            sys.stdout.flush()
    except TreernnError as error:
        if isinstance(error, streams.StreamError):
            streams.drop_output()
        report(error)
        sys.exit(2)
    except BrokenPipeError:  # the reader, for example head, has closed the pipe
        streams.drop_output()
        sys.exit(1)
    except (ImportError, OSError) as error:
        problem = failed_import(error)
        if problem is None:  # a bug
            raise
        report(problem)
        sys.exit(2)


def _handle_interrupts() -> Callable[[int, FrameType | None], Any] | int | None:
    """Exit at once on Ctrl-C during an import, otherwise raise ``KeyboardInterrupt`` as always.

    Returns:
        The handler before, or None if it stays: in another thread, or if someone else decides.
    """
    try:
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return None
        return signal.signal(signal.SIGINT, _interrupted)
    except ValueError:
        return None


def _interrupted(number: int, frame: FrameType | None) -> None:
    above = frame
    while above is not None:
        # An exception would not always get through: libraries catch some, and print others.
        if above.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(INTERRUPTED)
        above = above.f_back
    signal.default_int_handler(number, frame)

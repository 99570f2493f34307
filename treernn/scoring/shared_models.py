"""Models of one process that others use, so that a GPU has one copy of them.

The others prepare texts and build results, which takes most of the time; the process with the
models gets whole chunks of sentences and computes one after the other.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
import threading
from collections.abc import Iterator, Sequence
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import TYPE_CHECKING, Any, NamedTuple

from treernn.errors import TreernnError
from treernn.scoring.scorer import Scorer

if TYPE_CHECKING:
    import numpy as np

    from treernn.types import Tree

_METHODS = {"parse": "parser", "distributions": "classifier", "states": "classifier"}
"""What can be called, and the part of a scorer that has it."""

_ENDED = "the process with the models has ended"


class Address(NamedTuple):
    """Where the models are.

    Attributes:
        path: of a socket.
        key: without it nothing is answered.
    """

    path: str
    key: bytes


@contextlib.contextmanager
def shared(scorer: Scorer) -> Iterator[Address]:
    """Answer calls of other processes in threads of this one, until the block ends.

    Args:
        scorer: its parser and classifier are called, one call at a time.
    """
    key = secrets.token_bytes(32)
    is_open, computing = threading.Event(), threading.Lock()
    is_open.set()
    # A name without a file, which would stay if this process is killed.
    name = f"\0treernn-{secrets.token_hex(16)}" if sys.platform == "linux" else None
    with Listener(name, authkey=key) as listener:

        def accept() -> None:
            while is_open.is_set():
                # Without the key, or killed.
                with contextlib.suppress(AuthenticationError, OSError, EOFError):
                    connection = listener.accept()
                    answers = threading.Thread(
                        target=_answer, args=(connection, scorer, computing), daemon=True
                    )
                    answers.start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield Address(_address(listener), key)
        finally:
            # For good: a thread that still computes when Python ends is aborted in the middle of
            # torch, and the whole process with it.
            computing.acquire()
            is_open.clear()
            # Wakes the thread. Without the key nothing is waited for: the thread may be gone, if it
            # had just taken a connection when the block ended.
            Client(_address(listener)).close()
            thread.join()


def _address(listener: Listener) -> str:
    address = listener.address  # of a name without a file it may be bytes
    return address.decode() if isinstance(address, bytes) else str(address)


def _answer(connection: Connection, scorer: Scorer, computing: threading.Lock) -> None:
    """Answer the calls of a process until it ends."""
    with connection, contextlib.suppress(OSError, EOFError):
        while True:
            name, argument = connection.recv()
            try:
                with computing:
                    answer = getattr(getattr(scorer, _METHODS[name]), name)(argument)
            except Exception as error:
                connection.send((None, error))
            else:
                connection.send((answer, None))


class SharedModels:
    """The parser and the classifier of another process.

    Args:
        address: see ``shared``.

    Raises:
        TreernnError: that process has ended; also by the methods.
    """

    def __init__(self, address: Address) -> None:
        try:
            self._connection = Client(address.path, authkey=address.key)
        except OSError:
            raise TreernnError(_ENDED) from None

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """See ``treernn.parsing.Parser``."""
        return self._call("parse", sentences)

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """See ``treernn.scoring.scorer.Classifier``."""
        return self._call("distributions", trees)

    def states(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """See ``TreeClassifier``."""
        return self._call("states", trees)

    def _call(self, name: str, argument: Any) -> Any:
        try:
            self._connection.send((name, argument))
            answer, error = self._connection.recv()
        except (OSError, EOFError):
            raise TreernnError(_ENDED) from None
        if error is not None:
            raise error
        return answer

"""Forked processes compute as their parent does, without waiting for threads that they lack.

spaCy's ``n_process``, ``multiprocessing`` and web servers such as gunicorn fork after the models
are loaded. A fork copies only the thread that calls it, but libgomp, which divides the work of
torch on Linux, still counts on the others: the first large operation in the child would wait for
them for ever. So the calling thread's team of threads is dissolved before a fork; parent and child
make new ones when they need them. A child starts with one thread, as the workers of torch's
``DataLoader`` do, since there are mostly as many children as cores; ``torch.set_num_threads``
changes that.

A library may hold a lock of its own while it computes, which would stay closed in the child. So a
fork waits until no other thread is in ``Computing``; it waits at most ``MAX_WAIT`` seconds.

Nothing is done until a process forks, and little in a process without torch.
"""

from __future__ import annotations

import os
import sys
import threading

MAX_WAIT = 60.0  # a machine with more work than cores may need seconds for a batch

_OMP_PAUSE_HARD = 2
_TOKENIZERS = "TOKENIZERS_PARALLELISM"
_TOKENIZERS_OFF = "false"


class Computing:
    """A context in which models compute: forks by other threads wait for its end."""

    def __enter__(self) -> None:
        global _computing
        _own.depth = depth = getattr(_own, "depth", 0) + 1
        if depth == 1:
            with _gate:
                _gate.wait_for(lambda: not _forking, MAX_WAIT)
                _computing += 1

    def __exit__(self, *_: object) -> None:
        global _computing
        _own.depth -= 1
        if _own.depth == 0:
            with _gate:
                _computing -= 1
                _gate.notify_all()


def register() -> None:
    """Make all forks of this process safe from now on, where processes can fork."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)


def _before() -> None:
    global _forking
    own = bool(getattr(_own, "depth", 0))
    with _gate:
        _forking = True
        _gate.wait_for(lambda: _computing <= own, MAX_WAIT)
    # Otherwise tokenizers, if it has used threads, prints four lines of warnings in each child.
    if "tokenizers" in sys.modules and _TOKENIZERS not in os.environ:
        os.environ[_TOKENIZERS] = _TOKENIZERS_OFF
        _changed.append(_TOKENIZERS)
    _dissolve_team()


def _dissolve_team() -> None:
    torch = sys.modules.get("torch")
    if sys.platform != "linux" or torch is None or not torch.__file__:
        return
    import ctypes  # imported by torch

    # torch's own copy of libgomp: other packages, such as scikit-learn, have theirs.
    library = os.path.join(os.path.dirname(torch.__file__), "lib", "libtorch_global_deps.so")
    try:  # noqa: SIM105 - contextlib is slow to import
        ctypes.CDLL(library).omp_pause_resource_all(_OMP_PAUSE_HARD)
    except (OSError, AttributeError):  # another build of torch; one thread works, see _in_child
        pass


def _in_parent() -> None:
    global _forking
    with _gate:
        _forking = False
        _gate.notify_all()
    while _changed:
        os.environ.pop(_changed.pop(), None)


def _in_child() -> None:
    global _forking, _computing, _gate
    # Only the thread that forked is in the child.
    _gate, _forking, _computing = threading.Condition(), False, bool(getattr(_own, "depth", 0))
    _changed.clear()  # tokenizers stays without threads
    set_num_threads = getattr(sys.modules.get("torch"), "set_num_threads", None)
    if set_num_threads is not None:
        set_num_threads(1)


_gate = threading.Condition()
_forking, _computing = False, 0
_own = threading.local()
_changed: list[str] = []

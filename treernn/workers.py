"""Several processes that work on chunks, their results in order.

Processes and not threads of torch: these share the matrix products alone, and wait for each other
at each of them, which on a busy machine takes longer than the work.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from treernn.errors import TreernnError

Item = TypeVar("Item")
Found = TypeVar("Found")

_MOST = 8  # unless more are asked for: each has models of its own in memory


class Map(Protocol):
    """What ``map`` does."""

    def __call__(
        self, function: Callable[[Item], Found], items: Iterable[Item], /
    ) -> Iterator[Found]:
        """The function's results, in the order of the items."""
        ...


def usual_count() -> int:
    """One worker for each core that this process may use, but not more than eight."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(_MOST, len(affinity(0)) if affinity else os.cpu_count() or 1)


@contextlib.contextmanager
def started(count: int, ahead: int | None = None) -> Iterator[Map]:
    """Workers, which end with the block, or when this process is killed.

    Args:
        count: how many; with one, that is ``map`` in this process.
        ahead: how many items are on their way at a time, ``2 * count`` unless told: more where one
            may take far longer than others, which else wait for it.

    Returns:
        ``map``, but that the function and the items are pickled. It raises what the function
        raises.

    Raises:
        TreernnError: a worker was killed.
    """
    if count == 1:
        yield map
        return
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin)
    try:
        # All start now: a pool that starts one more while another dies fails in Python's own code.
        with _uninterrupted():
            for _ in range(count):
                executor.submit(int)
        yield _in_order(executor, ahead or 2 * count)
    except BaseException:
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()  # it may be in the middle of some seconds of work
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _in_order(executor: ProcessPoolExecutor, ahead: int) -> Map:
    def mapped(function: Callable[[Item], Found], items: Iterable[Item]) -> Iterator[Found]:
        pending: deque[Future[Found]] = deque()
        problem: Exception | None = None
        items = iter(items)
        while True:
            try:
                item = next(items)
            except StopIteration:
                break
            except Exception as error:  # comes after the results of what was before it
                problem = error
                break
            with _told():
                pending.append(executor.submit(function, item))
            if len(pending) == ahead:
                with _told():
                    found = pending.popleft().result()
                yield found
        while pending:
            with _told():
                found = pending.popleft().result()
            yield found
        if problem is not None:
            raise problem

    return mapped


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool:
        raise TreernnError(
            "a worker process was killed, perhaps for want of memory; try fewer with --jobs, "
            "and --resume where there is a file to go on with"
        ) from None


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Workers that start here never see Ctrl-C, not even while Python starts: it is for the
    process that they work for, which sees it after the block."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """What a worker does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import torch

    torch.set_num_threads(1)


def _end_with_parent() -> None:
    """Nobody else tells a worker that the process it works for was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

"""``map`` over several processes, with results in order.

Processes rather than threads of torch: threads share each matrix product and wait for each other
at its end, which on a busy machine takes longer than the product.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from treernn.errors import TreernnError
from treernn.memory import give_back, keep_few_kernels

Item = TypeVar("Item")
Output = TypeVar("Output")

MAX_DEFAULT = 8  # each process may have models of its own in memory


class Map(Protocol):
    """The type of ``map`` with one iterable."""

    def __call__(
        self, function: Callable[[Item], Output], items: Iterable[Item], /
    ) -> Iterator[Output]:
        """The function's results, in the order of the items."""
        ...


def default_count() -> int:
    """One process for each core that this process may use, but at most ``MAX_DEFAULT``."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(MAX_DEFAULT, len(affinity(0)) if affinity else os.cpu_count() or 1)


@contextlib.contextmanager
def parallel_map(
    count: int, prefetch: int | None = None, *, import_main: bool = True
) -> Iterator[Map]:
    """Start worker processes, which end with the block, or if this process is killed.

    Args:
        count: number of processes; with one, the result is ``map`` in this process.
        prefetch: number of items submitted at a time, default ``2 * count``; should be higher if
            some items take much longer than others, which have to wait for them.
        import_main: workers import the program's main module. Without it the program needs no
            ``if __name__ == "__main__":``, but what is mapped may not be defined there.

    Returns:
        A ``map`` that pickles function and items, and raises what the function raises.

    Raises:
        TreernnError: a worker was killed.
    """
    if count == 1:
        yield map
        return
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _start_worker)
    try:
        # All start now: Python's executor fails if it starts a worker while another one dies.
        with interrupts_blocked(), contextlib.nullcontext() if import_main else _main_hidden():
            for _ in range(count):
                executor.submit(int)
        yield _map_in_order(executor, prefetch or 2 * count)
    except BaseException:
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()  # it may be in the middle of some seconds of work
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _map_in_order(executor: ProcessPoolExecutor, prefetch: int) -> Map:
    def mapped(function: Callable[[Item], Output], items: Iterable[Item]) -> Iterator[Output]:
        pending: deque[Future[Output]] = deque()
        failure: Exception | None = None
        items = iter(items)
        try:
            while True:
                try:
                    item = next(items)
                except StopIteration:
                    break
                except Exception as error:  # raised below, after the results of earlier items
                    failure = error
                    break
                pending.append(executor.submit(_worked, function, item))
                if len(pending) == prefetch:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool:
            raise TreernnError(
                "a worker process was killed, perhaps because memory ran out; use fewer processes"
            ) from None
        if failure is not None:
            raise failure

    return mapped


@contextlib.contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Workers started in this block never receive Ctrl-C, not even while Python starts; this
    process receives it after the block."""
    if sys.platform == "win32":  # which has no masks
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextlib.contextmanager
def _main_hidden() -> Iterator[None]:
    """Processes started in this block do not import the main module."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    keep_few_kernels()
    import torch

    torch.set_num_threads(1)


def _worked(function: Callable[[Item], Output], item: Item) -> Output:
    try:
        return function(item)
    finally:
        give_back()


def _exit_with_parent() -> None:
    """A worker is not notified when its parent is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

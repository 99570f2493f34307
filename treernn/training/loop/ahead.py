"""``map`` whose results wait when they are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Output = TypeVar("Output")


def map_ahead(
    function: Callable[[Item], Output], items: Iterable[Item], count: int = 2
) -> Iterator[Output]:
    """The function's results in order, each computed in another thread while those before it are
    used.

    Args:
        function: called with one item at a time; what it raises is raised in place of its result.
        items: iterated over in this thread.
        count: how many results may wait.

    >>> list(map_ahead(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    pending: deque[Future[Output]] = deque()
    with ThreadPoolExecutor(1) as thread:
        try:
            for item in items:
                pending.append(thread.submit(function, item))
                if len(pending) > count:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:  # also if no more are asked for
            for each in pending:
                each.cancel()

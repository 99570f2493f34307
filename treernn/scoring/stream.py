"""Rows that come slowly, say typed or sent over a network, in chunks without delay."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Empty, Queue

from treernn.scoring.rows import Chunk, Row


def lively(rows: Iterable[tuple[Row, float]], most: int = 64) -> Iterator[Chunk]:
    """Chunks of all rows that are there, at least one and at most ``most``.

    A row is never kept waiting for the next. While a chunk is being scored the rows after it
    gather, so that chunks grow by themselves where rows come fast.

    Args:
        rows: read in a thread, no more than ``2 * most`` ahead.
        most: rows in a chunk.

    Raises:
        Exception: what ``rows`` raised, after the rows before it.
    """
    queue: Queue[Row | BaseException | None] = Queue(2 * most)

    def read() -> None:
        try:
            for row, _ in rows:
                queue.put(row)
            queue.put(None)
        except BaseException as error:
            queue.put(error)

    threading.Thread(target=read, daemon=True).start()
    while True:
        chunk: list[Row] = []
        item = queue.get()
        while isinstance(item, Row):
            chunk.append(item)
            if len(chunk) == most:
                break
            try:
                item = queue.get_nowait()
            except Empty:
                break
        if chunk:
            yield Chunk(chunk)
        if isinstance(item, BaseException):
            raise item
        if item is None:
            return

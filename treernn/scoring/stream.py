"""Chunks of rows that arrive slowly, for example typed or sent over a network."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from queue import Empty, Queue

from treernn.scoring.rows import Chunk, Row


def without_delay(rows: Iterable[Row], max_rows: int = 64) -> Iterator[Chunk]:
    """Chunks of all rows that have arrived, from one to ``max_rows``.

    A row never waits for the next one. While a chunk is scored, rows that arrive are queued, so
    chunks are larger when rows arrive fast. ``rows`` is read in a thread, at most ``2 * max_rows``
    ahead; what it raises is raised after the rows before it. The thread ends with the chunks, also
    if they are abandoned, at the next row at the latest.
    """
    queue: Queue[Row | BaseException | None] = Queue(2 * max_rows)
    abandoned = threading.Event()

    def read() -> None:
        try:
            for row in rows:
                queue.put(row)
                if abandoned.is_set():
                    return
            queue.put(None)
        except BaseException as error:
            queue.put(error)

    threading.Thread(target=read, daemon=True).start()
    try:
        yield from _chunks(queue, max_rows)
    finally:  # the thread may wait for a place in the queue
        abandoned.set()
        with contextlib.suppress(Empty):
            while True:
                queue.get_nowait()


def _chunks(queue: Queue[Row | BaseException | None], max_rows: int) -> Iterator[Chunk]:
    first = 1
    while True:
        chunk: list[Row] = []
        item = queue.get()
        while isinstance(item, Row):
            chunk.append(item)
            if len(chunk) == max_rows:
                break
            try:
                item = queue.get_nowait()
            except Empty:
                break
        if chunk:
            yield Chunk(chunk, first=first)
            first += len(chunk)
        if isinstance(item, BaseException):
            raise item
        if item is None:
            return

"""Chunks of rows that arrive slowly, for example typed or sent over a network."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Empty, Queue

from treernn.scoring.rows import Chunk, Row


def without_delay(rows: Iterable[Row], max_rows: int = 64) -> Iterator[Chunk]:
    """Chunks of all rows that have arrived, from one to ``max_rows``.

    A row never waits for the next one. While a chunk is scored, rows that arrive are queued, so
    chunks are larger when rows arrive fast. ``rows`` is read in a thread, at most ``2 * max_rows``
    ahead; what it raises is raised after the rows before it.
    """
    queue: Queue[Row | BaseException | None] = Queue(2 * max_rows)

    def read() -> None:
        try:
            for row in rows:
                queue.put(row)
            queue.put(None)
        except BaseException as error:
            queue.put(error)

    threading.Thread(target=read, daemon=True).start()
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

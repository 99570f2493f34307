"""Texts that wait for a worker: a turn for each request, so that a long one delays no other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from treernn.server.limits import BATCH_CHARACTERS, BATCH_TEXTS, GATHER_SECONDS
from treernn.server.work import Answer, Work


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A text that waits.

    Attributes:
        work: the text, and what to make of it.
        answer: is set when it is answered; cancelled if nobody waits any longer.
        since: the time of the loop when it came.
    """

    work: Work
    answer: asyncio.Future[Answer]
    since: float


class Queue:
    """The texts of all requests; each request is a deque of its own."""

    def __init__(self) -> None:
        self._requests: deque[deque[Waiting]] = deque()
        self._filled = asyncio.Event()

    def put(self, request: Iterable[Waiting]) -> None:
        """Add the texts of a request."""
        waiting = deque(request)
        if waiting:
            self._requests.append(waiting)
            self._filled.set()

    def __len__(self) -> int:
        return sum(map(len, self._requests))

    async def take(self) -> list[Waiting]:
        """The next batch, of at least one text. It waits for more texts until the first of it has
        waited for ``GATHER_SECONDS``, unless it is full."""
        while True:
            while not self._requests:
                self._filled.clear()
                await self._filled.wait()
            oldest = min(request[0].since for request in self._requests)
            missing = oldest + GATHER_SECONDS - asyncio.get_running_loop().time()
            if missing > 0 and len(self) < BATCH_TEXTS:
                await asyncio.sleep(missing)
            if batch := self.take_now():
                return batch

    def take_now(self) -> list[Waiting]:
        """One text of each request in turn, until the batch is full; empty if nothing waits."""
        batch: list[Waiting] = []
        characters = 0
        while self._requests and len(batch) < BATCH_TEXTS:
            request = self._requests.popleft()
            waiting = request.popleft()
            if not waiting.answer.done():  # otherwise nobody waits any longer
                characters += len(waiting.work.text)
                if batch and characters > BATCH_CHARACTERS:
                    request.appendleft(waiting)
                    self._requests.appendleft(request)
                    break
                batch.append(waiting)
            if request:
                self._requests.append(request)
        return batch

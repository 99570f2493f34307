"""Workers and the texts that wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from treernn.errors import TreernnError
from treernn.server.limits import BATCH_SECONDS, Limits
from treernn.server.metrics import Metrics
from treernn.server.problems import NotTakenError, RefusedError, WorkerDiedError
from treernn.server.process import WorkerProcess
from treernn.server.queue import Queue, Waiting
from treernn.server.work import Answer, Models, Work

_LONGEST_PAUSE = 30.0
"""Seconds between two attempts to start a worker that does not start."""


class Pool:
    """Scores the texts of all requests together, in processes that are started again if they die.

    Args:
        models: what each worker loads.
        count: number of workers.
        limits: what may wait.
        metrics: what is counted.

    Attributes:
        kinds: of the models, by name; empty until the first worker is ready.
        failed: is done when no worker can be started at all, with the reason.
    """

    def __init__(self, models: Models, count: int, limits: Limits, metrics: Metrics) -> None:
        self.models, self.count = models, count
        self.kinds: dict[str, str] = {}
        self.failed: asyncio.Future[TreernnError] = asyncio.get_running_loop().create_future()
        self._limits, self._metrics = limits, metrics
        self._queue = Queue()
        self._texts = self._characters = self._ready = 0
        self._tasks: list[asyncio.Task[None]] = []
        metrics.queue.set_function(lambda: len(self._queue))
        metrics.workers.set_function(lambda: self._ready)

    @property
    def ready(self) -> bool:
        """Whether a worker is there."""
        return self._ready > 0

    def start(self) -> None:
        """Start the workers; they load their models meanwhile."""
        self._tasks = [asyncio.create_task(self._keep_working()) for _ in range(self.count)]

    async def stop(self) -> None:
        """End the workers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextmanager
    def admitted(self, texts: Sequence[str]) -> Iterator[None]:
        """Keep places for texts, until the block ends.

        Raises:
            RefusedError: too many wait, or these alone are too many.
        """
        characters = sum(map(len, texts))
        limits = self._limits
        if len(texts) > limits.queued_texts or characters > limits.queued_characters:
            raise RefusedError(
                f"{len(texts):,} texts of {characters:,} characters, the limits are "
                f"{limits.queued_texts:,} and {limits.queued_characters:,}; send several requests",
                status=413,
            )
        if (
            self._texts + len(texts) > limits.queued_texts
            or self._characters + characters > limits.queued_characters
        ):
            raise RefusedError(
                f"{self._texts:,} texts wait already; send the request again later",
                status=429,
                retry_after=2,
            )
        self._texts += len(texts)
        self._characters += characters
        try:
            yield
        finally:
            self._texts -= len(texts)
            self._characters -= characters

    async def answer(self, works: Sequence[Work]) -> list[Answer]:
        """An answer for each text, in order; for those of ``admitted``.

        Raises:
            WorkerDiedError: a worker died that had one of the texts.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        waiting = [Waiting(work, loop.create_future(), now) for work in works]
        self._queue.put(waiting)
        try:
            return await asyncio.gather(*(each.answer for each in waiting))
        finally:
            for each in waiting:
                each.answer.cancel()

    async def _keep_working(self) -> None:
        pause = 0.0
        while True:
            try:
                worker, ready = await WorkerProcess.start(self.models)
            except TreernnError as error:
                if not self.kinds:
                    if not self.failed.done():
                        self.failed.set_result(error)
                    return
                pause = min(max(1.0, 2 * pause), _LONGEST_PAUSE)
                await asyncio.sleep(pause)
                continue
            self.kinds = ready.kinds
            pause = 0.0
            self._ready += 1
            try:
                await self._work(worker)
            except WorkerDiedError:
                self._metrics.deaths.inc()
            finally:
                self._ready -= 1
                await worker.stop()

    async def _work(self, worker: WorkerProcess) -> None:
        """Give batches to a worker until it dies."""
        seconds = max(BATCH_SECONDS, self._limits.seconds)
        batch: list[Waiting] = []
        while True:
            if not batch:
                batch = await self._take(worker)
                self._send(worker, batch)
            try:
                answers = await worker.answers(seconds)
            except NotTakenError:
                self._queue.put(batch)
                raise
            except WorkerDiedError as error:
                _fail(batch, error)
                raise
            except asyncio.CancelledError:
                _fail(batch, WorkerDiedError())
                raise
            # The worker computes again before the answers, which take some time, are sent.
            following = self._queue.take_now()
            if following:
                self._send(worker, following)
            for each, answer in zip(batch, answers, strict=True):
                if not each.answer.done():
                    each.answer.set_result(answer)
            batch = following

    def _send(self, worker: WorkerProcess, batch: Sequence[Waiting]) -> None:
        self._metrics.batch_texts.observe(len(batch))
        worker.send([each.work for each in batch])

    async def _take(self, worker: WorkerProcess) -> list[Waiting]:
        """The next batch; a worker that dies before it takes one costs no request anything.

        Raises:
            WorkerDiedError: the worker did.
        """
        taking = asyncio.create_task(self._queue.take())
        ended = asyncio.create_task(worker.ended())
        try:
            await asyncio.wait((taking, ended), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                return taking.result()
            if taking.done():
                self._queue.put(taking.result())
            raise WorkerDiedError
        finally:
            taking.cancel()
            ended.cancel()


def _fail(batch: Sequence[Waiting], error: Exception) -> None:
    for each in batch:
        if not each.answer.done():
            each.answer.set_exception(error)

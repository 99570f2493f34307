"""What all routes share: the pool, the limits, and how a request waits for its answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from starlette.requests import Request

from treernn.server.bodies import Bodies
from treernn.server.jobs import Jobs
from treernn.server.limits import Limits
from treernn.server.metrics import Metrics
from treernn.server.pool import Pool
from treernn.server.problems import DisconnectedError, RefusedError
from treernn.server.work import Answer, Failure, Models, Work

ENDS = "treernn.ends"
"""The key of a request's scope with an ``ExitStack``, which is closed when its answer is sent."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a server answers.

    Attributes:
        token: that requests have to send; None for no token.
        origins: of pages of other sites that may use the server.
        corrections: a file to which corrected trees are appended; None to keep none.
        hosts: names by which the server may be asked, besides those of this machine; None for any.
    """

    token: str | None = None
    origins: tuple[str, ...] = ()
    corrections: Path | None = None
    hosts: frozenset[str] | None = frozenset()


@dataclass(slots=True)
class Service:
    """The state of a server.

    Attributes:
        models, limits, options, metrics: of the server.
        pool, jobs: score texts, and uploaded files; are made when the server starts.
        bodies: reads what clients send.
        storing: is held while corrections are written.
        stopping: whether the server finishes what is in work, and takes nothing new.
        streams: what reads the lines of open streams.
    """

    models: Models
    limits: Limits
    options: Options
    metrics: Metrics
    pool: Pool = field(init=False)
    bodies: Bodies = field(init=False)
    jobs: Jobs = field(init=False)
    storing: asyncio.Lock = field(default_factory=asyncio.Lock)
    stopping: bool = False
    streams: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.limits)

    def stop(self) -> None:
        """Take nothing new; streams end after the lines that have come."""
        self.stopping = True
        for stream in self.streams:
            stream.cancel()

    async def answers(
        self,
        request: Request,
        works: Sequence[Work],
        seconds: float | None = None,
        late: RefusedError | None = None,
    ) -> list[Answer]:
        """The answers to texts; their places in the queue are kept until the request has ended.

        Args:
            request: its body has been read.
            works: the texts.
            seconds: time limit, if not that of the limits.
            late: the error after that time, if not the usual one.

        Raises:
            RefusedError: too many wait, it takes too long, or a worker died.
            DisconnectedError: the client has gone.
        """
        ends: ExitStack = request.scope[ENDS]
        ends.enter_context(self.pool.admitted([work.text for work in works]))
        seconds = seconds or self.limits.seconds
        late = late or RefusedError(
            f"the answer took longer than {seconds:g} seconds; send less, or later",
            status=503,
            retry_after=5,
        )
        answers = await self._wait(request, works, seconds, late)
        failed = sum(isinstance(answer, Failure) for answer in answers)
        self.metrics.texts.labels("failed").inc(failed)
        self.metrics.texts.labels("scored").inc(len(answers) - failed)
        return answers

    async def _wait(
        self, request: Request, works: Sequence[Work], seconds: float, late: RefusedError
    ) -> list[Answer]:
        answering = asyncio.create_task(self.pool.answer(works))
        leaving = asyncio.create_task(_disconnect(request))
        try:
            await asyncio.wait(
                (answering, leaving), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if answering.done():
                return answering.result()
            if leaving.done():
                raise DisconnectedError
            raise late
        finally:
            answering.cancel()
            leaving.cancel()


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def service_of(request: Request) -> Service:
    """The state of the server that has a request."""
    return cast(Service, request.app.state.service)


def entry(answer: Answer, place: str) -> bytes:
    """An answer among others, or its error, with the place of its text."""
    if isinstance(answer, Failure):
        return json.dumps({"error": f"{place}: {answer.problem}"}).encode()
    return answer

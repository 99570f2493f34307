"""``POST /api/score/stream``: JSON lines in, and one out for each as soon as it is scored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from treernn import strict_json
from treernn.errors import DataError
from treernn.server.asked import OPTIONS, checked_text, of_address, reading_of, result_output
from treernn.server.bodies import pieces_of
from treernn.server.problems import DisconnectedError, RefusedError
from treernn.server.service import Service, entry, service_of
from treernn.server.work import Answer, Failure, Output, Reading, Work

IN_WORK = 64
"""Lines of a stream that are in work at the same time."""

IDLE_SECONDS = 300.0
"""How long a client may send no line."""

_PAUSE = 0.05
_END = None

Line = tuple[int, bytes | None]
"""The number of a line and its content; None for one that is too long."""


async def stream(request: Request) -> Response:
    """Score lines while they come. Options are in the query."""
    service = service_of(request)
    query = of_address(dict(request.query_params))
    for name in query:
        if name not in OPTIONS:
            raise RefusedError(f"unknown option {name[:60]} in the address")
    reading, output = reading_of(query, service.models), result_output(query)
    return StreamResponse(request, service, reading, output)


class StreamResponse(Response):
    """Answers in the order of the lines, of which a limited number is in work."""

    def __init__(
        self, request: Request, service: Service, reading: Reading, output: Output
    ) -> None:
        super().__init__(media_type="application/x-ndjson", headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._request, self._service = request, service
        self._reading, self._output = reading, output

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """See ASGI."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        answers: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(IN_WORK)
        reader = asyncio.create_task(self._read(answers))
        self._service.streams.add(reader)
        if self._service.stopping:
            reader.cancel()
        try:
            while (answer := await answers.get()) is not _END:
                body = await answer
                await send({"type": "http.response.body", "body": body + b"\n", "more_body": True})
            if not reader.cancelled():  # as when the server stops
                with suppress(DisconnectedError, asyncio.CancelledError):
                    await reader
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            reader.cancel()
            self._service.streams.discard(reader)
            while not answers.empty():
                if (left := answers.get_nowait()) is not _END:
                    left.cancel()

    async def _read(self, answers: asyncio.Queue[asyncio.Task[bytes] | None]) -> None:
        """Start the work on each line; wait while enough is in work."""
        number = 0

        async def put(work: Coroutine[Any, Any, bytes]) -> None:
            await answers.put(asyncio.create_task(work))

        try:
            limits = self._service.limits
            async for number, line in lines_of(
                self._request, limits.body_bytes, limits.client_seconds
            ):
                await put(self._answer(number, line))
        except TimeoutError:
            problem = "the next line did not arrive in time, the stream ends here"
            await put(_failed(number + 1, Failure(problem)))
        finally:
            await answers.put(_END)

    async def _answer(self, number: int, line: bytes | None) -> bytes:
        service = self._service
        text = _text_of(line, service.limits.characters, service.limits.body_bytes)
        answer: Answer = text if isinstance(text, Failure) else await self._scored(text)
        scored = not isinstance(answer, Failure)
        service.metrics.texts.labels("scored" if scored else "failed").inc()
        return entry(answer, f"line {number}")

    async def _scored(self, text: str) -> Answer:
        pool = self._service.pool
        work = Work(text, self._reading, self._output)
        while True:
            try:
                with pool.admitted([text]):
                    async with asyncio.timeout(self._service.limits.seconds):
                        [answer] = await pool.answer([work])
                        return answer
            except TimeoutError:
                return Failure(f"took longer than {self._service.limits.seconds:g} seconds")
            except RefusedError as error:
                if error.status != 429:
                    return Failure(str(error))
            await asyncio.sleep(_PAUSE)  # others have all places; a stream can wait


async def _failed(number: int, failure: Failure) -> bytes:
    return entry(failure, f"line {number}")


def _text_of(line: bytes | None, limit: int, line_limit: int) -> str | Failure:
    """The text of a line: a string, or an object with a string ``text``."""
    if line is None:
        return Failure(f"has more than {line_limit:,} bytes, the limit")
    try:
        value = strict_json.loads(line)
    except DataError as error:
        return Failure(str(error).removeprefix("damaged, "))
    if isinstance(value, dict):
        if list(value) != ["text"]:
            return Failure('expected a string, or {"text": "…"}')
        value = value["text"]
    return checked_text(value, limit)


async def lines_of(request: Request, limit: int, seconds: float) -> AsyncIterator[Line]:
    """The lines of a body that are not blank, with their numbers from 1.

    Args:
        request: its body has not been read.
        limit: bytes of the longest line; of a longer one the content is not kept.
        seconds: within which a line that has begun has to be complete.

    Raises:
        TimeoutError: the next line did not come in time.
        DisconnectedError: the client has gone.
    """
    loop = asyncio.get_running_loop()
    rest, too_long, number = bytearray(), False, 0
    deadline = loop.time() + IDLE_SECONDS
    pieces = pieces_of(request)
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                piece = await anext(pieces)
        except StopAsyncIteration:
            break
        *complete, last = piece.split(b"\n")
        for end in complete:
            number += 1
            line = None if too_long or len(rest) + len(end) > limit else bytes(rest + end)
            rest, too_long = bytearray(), False
            if line is None or line.strip():
                yield number, line
        if complete or not rest:  # a new line begins
            deadline = loop.time() + (seconds if last else IDLE_SECONDS)
        if len(rest) + len(last) > limit:
            rest, too_long = bytearray(), True
        elif not too_long:
            rest += last
    if too_long or rest.strip():
        yield number + 1, None if too_long else bytes(rest)

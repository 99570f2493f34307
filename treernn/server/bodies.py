"""Bodies of requests, of bounded size and in bounded time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request

from treernn import strict_json
from treernn.errors import DataError
from treernn.server.limits import Limits
from treernn.server.problems import DisconnectedError, RefusedError


class Bodies:
    """Reads bodies, of which all together have a limited size.

    Args:
        limits: of one and of all.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffered = 0

    @contextlib.asynccontextmanager
    async def read(self, request: Request, limit: int | None = None) -> AsyncIterator[bytes]:
        """The body of a request, for whose size there is a place until the block ends.

        Args:
            request: its body has not been read.
            limit: bytes that it may have, if not those of the limits.

        Raises:
            RefusedError: it is too long, or does not arrive in time.
            DisconnectedError: the client has gone.
        """
        limit = limit or self._limits.body_bytes
        check_length(request, limit)
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.client_seconds):
                async for piece in pieces_of(request):
                    size += len(piece)
                    self._buffered += len(piece)
                    pieces.append(piece)
                    if size > limit:
                        raise too_long(limit)
                    if self._buffered > self._limits.buffered_bytes:
                        raise RefusedError(
                            "too many requests are being received; send this one again later",
                            status=429,
                            retry_after=2,
                        )
            yield b"".join(pieces)
        except TimeoutError:
            raise RefusedError(
                f"the body did not arrive within {self._limits.client_seconds:g} seconds",
                status=408,
            ) from None
        finally:
            self._buffered -= size


def check_length(request: Request, limit: int) -> None:
    """Refuse a body that says itself that it is longer than so many bytes.

    Raises:
        RefusedError: it does.
    """
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise too_long(limit)


def too_long(limit: int) -> RefusedError:
    """The error for a body of more bytes."""
    return RefusedError(f"the body has more than {limit:,} bytes, the limit", status=413)


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """The body of a request, piece by piece.

    Raises:
        DisconnectedError: the client has gone.
    """
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        if body := message.get("body", b""):
            yield body
        if not message.get("more_body", False):
            return


def json_object(body: bytes, content_type: str) -> dict[str, Any]:
    """The object in a body of JSON.

    Args:
        body: UTF-8.
        content_type: the header; other types than JSON would let pages of other sites send
            requests that no browser asks the server about.

    Raises:
        RefusedError: it is something else.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media and media != "application/json":
        raise RefusedError(f"the content type is {media}, expected application/json", status=415)
    try:
        value = strict_json.loads(body)
    except DataError as error:
        raise RefusedError(f"the body is {error}".replace("is damaged, not", "is not")) from None
    if not isinstance(value, dict):
        raise RefusedError('the body is no JSON object, expected {"text": "…"} or {"texts": ["…"]}')
    return value

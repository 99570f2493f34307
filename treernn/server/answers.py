"""Answers: JSON of any size, and errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from treernn.server.problems import RefusedError

_PIECE = 1 << 16
"""Bytes that are written before the client has to read."""


class PiecewiseResponse(Response):
    """A response that is written as the client reads it, so that its end is the end of its work.

    Args:
        parts: its body, which may be large and is not copied as a whole.
        status, headers, media_type: as for ``Response``.
    """

    def __init__(
        self, parts: Sequence[bytes], status: int, headers: dict[str, str], media_type: str
    ) -> None:
        length = str(sum(map(len, parts)))
        super().__init__(b"", status, {**headers, "content-length": length}, media_type)
        self._parts = parts

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """See ASGI."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        for piece in _pieces(self._parts):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of nearly equal size."""
    short: list[bytes] = []
    size = 0
    for part in parts:
        for start in range(0, len(part), _PIECE):
            short.append(part[start : start + _PIECE])
            size += len(short[-1])
            if size >= _PIECE:
                yield b"".join(short)
                short, size = [], 0
    yield b"".join(short)


def json_response(
    content: bytes | object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer of JSON; of bytes as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {**(headers or {}), "cache-control": "no-store"}
    return PiecewiseResponse([body], status, headers, "application/json")


def list_response(name: str, entries: Iterable[bytes]) -> Response:
    """An answer of JSON: an object with one list of encoded values."""
    parts = [f'{{"{name}": ['.encode()]
    for number, entry in enumerate(entries):
        parts += (b", ", entry) if number else (entry,)
    return PiecewiseResponse(
        [*parts, b"]}"], 200, {"cache-control": "no-store"}, "application/json"
    )


def error_response(error: RefusedError) -> Response:
    """``{"error": …}`` with the status of the error."""
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return json_response({"error": str(error)}, error.status, headers)

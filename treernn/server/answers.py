"""Answers: JSON of any size, and errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from treernn.server.problems import RefusedError

_PIECE = 1 << 16
"""Bytes that are written before the client has to read."""


class PiecewiseResponse(Response):
    """A response that is written as the client reads it, so that its end is the end of its work."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """See ASGI."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        for start in range(0, len(self.body), _PIECE):
            piece = bytes(self.body[start : start + _PIECE])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def json_response(
    content: bytes | object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer of JSON; of bytes as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    kind = Response if len(body) <= _PIECE else PiecewiseResponse
    headers = {**(headers or {}), "cache-control": "no-store"}
    return kind(body, status, headers, "application/json")


def error_response(error: RefusedError) -> Response:
    """``{"error": …}`` with the status of the error."""
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return json_response({"error": str(error)}, error.status, headers)


def joined(entries: Iterable[bytes]) -> bytes:
    """Encoded values as a list of JSON."""
    return b"[" + b", ".join(entries) + b"]"

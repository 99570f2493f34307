"""Whether the server is alive and ready, under the usual names and those of CoreNLP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from treernn.server.service import service_of

_HEADERS = {"cache-control": "no-store"}


async def ping(_: Request) -> Response:
    """``GET /ping``, as CoreNLP answers it."""
    return _text("pong")


async def live(_: Request) -> Response:
    """``GET /live`` and ``/healthz``: the process answers."""
    return _text("live")


async def ready(request: Request) -> Response:
    """``GET /ready`` and ``/readyz``: models are loaded and warm."""
    service = service_of(request)
    if service.stopping:
        return _text("stopping", 503)
    return _text("ready") if service.pool.ready else _text("not ready, loading models", 503)


async def metrics(request: Request) -> Response:
    """``GET /metrics``, for Prometheus."""
    content, media_type = service_of(request).metrics.exposition()
    return Response(content, headers={"content-type": media_type, **_HEADERS})


def _text(text: str, status: int = 200) -> Response:
    return PlainTextResponse(f"{text}\n", status, _HEADERS)

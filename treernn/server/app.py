"""All routes of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from treernn.errors import TreernnError
from treernn.server import api, corrections, health, openapi, page, stream, uploads
from treernn.server.answers import error_response
from treernn.server.corenlp import route
from treernn.server.jobs import Jobs
from treernn.server.limits import Limits
from treernn.server.metrics import Metrics
from treernn.server.middleware import Guard
from treernn.server.pool import Pool
from treernn.server.problems import DisconnectedError, RefusedError
from treernn.server.service import Options, Service
from treernn.server.work import Models

ROUTES = [
    Route("/", page.index, methods=["GET"]),
    Route("/", route.annotate, methods=["POST"]),
    Route("/api/score", api.score, methods=["POST"]),
    Route("/api/score/stream", stream.stream, methods=["POST"]),
    Route("/api/parse", api.parse, methods=["POST"]),
    Route("/api/jobs", uploads.create, methods=["POST"]),
    Route("/api/jobs/{id}", uploads.show, methods=["GET"]),
    Route("/api/jobs/{id}", uploads.delete, methods=["DELETE"]),
    Route("/api/jobs/{id}/result", uploads.result, methods=["GET"]),
    Route("/openapi.json", openapi.openapi, methods=["GET"]),
    Route("/api/corrections", corrections.store, methods=["POST"]),
    Route("/api/models", api.models, methods=["GET"]),
    Route("/healthz", health.live, methods=["GET"]),
    Route("/live", health.live, methods=["GET"]),
    Route("/readyz", health.ready, methods=["GET"]),
    Route("/ready", health.ready, methods=["GET"]),
    Route("/ping", health.ping, methods=["GET"]),
    Route("/metrics", health.metrics, methods=["GET"]),
]


def make_app(
    models: Models,
    workers: int,
    limits: Limits,
    options: Options,
    started: Callable[[Service], None],
) -> Starlette:
    """The application.

    Args:
        models: what each worker loads.
        workers: number of worker processes.
        limits, options: of the server.
        started: is called in the loop of the server before it takes requests.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        pool = Pool(models, workers, limits, metrics)
        app.state.service.pool = pool
        app.state.service.jobs = jobs = Jobs(limits)
        pool.start()
        started(app.state.service)
        try:
            yield
        finally:
            await jobs.stop()
            await pool.stop()

    service = Service(models, limits, options, metrics)
    routes = frozenset(each.path for each in ROUTES)
    middleware = [Middleware(Guard, service=service, routes=routes)]
    if options.origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=options.origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["authorization", "content-type"],
        )
        middleware.append(cors)
    handlers: Any = {
        TreernnError: _refused,
        HTTPException: _no_route,
        DisconnectedError: _gone,
    }
    app = Starlette(
        routes=ROUTES,
        middleware=middleware,
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    # It would name the host that the request names, which may be any.
    app.router.redirect_slashes = False
    app.router.default = page.Files()
    app.state.service = service
    return app


async def _refused(_: Request, error: TreernnError) -> Response:
    return error_response(error if isinstance(error, RefusedError) else RefusedError(str(error)))


async def _no_route(request: Request, error: HTTPException) -> Response:
    problem = f"{request.method} {request.url.path}: {error.detail}"
    response = error_response(RefusedError(problem, status=error.status_code))
    response.headers.update(error.headers or {})
    return response


async def _gone(_: Request, __: DisconnectedError) -> Response:
    return Response(status_code=499)  # nobody reads it; metrics count it

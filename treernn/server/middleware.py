"""Around all routes: who may ask, what is counted, and that nothing unexpected gets out."""

from __future__ import annotations

import time
from contextlib import ExitStack
from secrets import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from treernn.server.answers import error_response
from treernn.server.heads import check_framing, hosts_of
from treernn.server.hosts import check_host
from treernn.server.problems import RefusedError
from treernn.server.service import ENDS, Service
from treernn.server.worker import report

_OPEN = ("GET", "HEAD", "OPTIONS")


class Guard:
    """The outermost layer.

    Args:
        app: all routes.
        service: of the server.
        routes: the paths that are counted by name.
    """

    def __init__(self, app: ASGIApp, service: Service, routes: frozenset[str]) -> None:
        self._app, self._service, self._routes = app, service, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-content-type-options"] = "nosniff"
            await send(message)

        with ExitStack() as ends:
            scope[ENDS] = ends
            try:
                if (refusal := self._refusal(scope)) is not None:
                    await refusal(scope, receive, send_on)
                else:
                    await self._app(scope, receive, send_on)
            except Exception as error:
                report(error)
                if status:  # the answer has begun; uvicorn closes the connection
                    raise
                problem = f"the server failed ({type(error).__name__}), which is a bug"
                await error_response(RefusedError(problem, status=500))(scope, receive, send_on)
        route = self._route(scope["path"])
        self._service.metrics.requests.labels(route, str(status)).inc()
        self._service.metrics.seconds.labels(route).observe(time.perf_counter() - began)

    def _route(self, path: str) -> str:
        if path.startswith("/api/jobs/"):
            return "/api/jobs/ID"
        return path if path in self._routes else "other"

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that is not served; None if it is."""
        try:
            check_framing(scope)
        except RefusedError as error:
            response = error_response(error)
            response.headers["connection"] = "close"  # nobody knows where the next request begins
            return response
        try:
            for host in hosts_of(scope):
                check_host(host, self._service.options.hosts)
            self._check_sender(scope)
        except RefusedError as error:
            return error_response(error)
        return None

    def _check_sender(self, scope: Scope) -> None:
        """Check that the page and the person that ask may do so.

        Raises:
            RefusedError: they may not.
        """
        headers, options = Headers(scope=scope), self._service.options
        writes = scope["method"] not in _OPEN
        origin = headers.get("origin")
        elsewhere = origin is not None and origin.partition("://")[2] != headers.get("host")
        if writes and elsewhere and origin not in options.origins:
            raise RefusedError(
                "pages of other sites may not use this server; "
                "start it with --allow-origin to let them",
                status=403,
            )
        if options.token is None or not _needs_token(scope["method"], scope["path"]):
            return
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not compare_digest(
            token.strip().encode(), options.token.encode()
        ):
            raise RefusedError("this server needs a token: Authorization: Bearer TOKEN", status=401)


def _needs_token(method: str, path: str) -> bool:
    """Health and the page have no secrets, and a browser asks with OPTIONS before it sends one."""
    return method not in _OPEN or (
        method != "OPTIONS" and (path.startswith("/api/") or path == "/metrics")
    )

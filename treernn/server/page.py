"""The page at ``/`` and its files, under a strict policy: nothing comes from anywhere else."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    # A browser asks whether a file has changed, and is told in a few bytes that it has not.
    "cache-control": "no-cache",
}


class Files(StaticFiles):
    """The files of the page, and those that draw results, as if they were in one folder."""

    def __init__(self) -> None:
        # Tables of the system know other types for modules, which browsers then refuse.
        for ending in (".js", ".mjs"):
            mimetypes.add_type("text/javascript", ending)
        super().__init__(directory=STATIC, packages=[("treernn.scoring", "page_scripts")])

    async def get_response(self, path: str, scope: Scope) -> Response:
        """See Starlette."""
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response


async def index(request: Request) -> Response:
    """``GET /``: the page."""
    return await Files().get_response("index.html", request.scope)

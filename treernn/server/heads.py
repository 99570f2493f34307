"""The head of a request: what is asked for, by which name, and where its body ends."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

from treernn.server.problems import RefusedError

_ABSOLUTE = re.compile(rb"https?://([^/]*)(/.*)?", re.IGNORECASE | re.DOTALL)


def hosts_of(scope: Scope) -> list[str | None]:
    """The hosts that a request names: in its header, and in its target if that is a whole address.

    Such a target becomes a path, and the header says its host, as the standard wants it (RFC 9112,
    3.2.2 and 3.3).

    Args:
        scope: of the request; is changed.

    Raises:
        RefusedError: the target is an address of another kind.
    """
    headers = Headers(scope=scope)
    hosts = [headers.get("host")]
    target: bytes = scope["raw_path"]
    if target.startswith(b"/") or target == b"*":
        return hosts
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise RefusedError("the target of the request is no path and no address of HTTP")
    host = match[1].decode("latin-1")
    scope["raw_path"] = match[2] or b"/"
    scope["path"] = unquote(scope["raw_path"].decode("ascii"))
    scope["headers"] = [*scope["headers"]]
    MutableHeaders(scope=scope)["host"] = host
    return [*hosts, host]


def check_framing(scope: Scope) -> None:
    """Check that a request says in one way where its body ends: a proxy that believes the other
    would take a part of it for the next request, or for a part of this one (RFC 9112, 6.3).

    Raises:
        RefusedError: it does not; the connection has to be closed.
    """
    headers = Headers(scope=scope)
    if "transfer-encoding" not in headers:
        return
    if "content-length" in headers:
        raise RefusedError("the request has both Content-Length and Transfer-Encoding")
    if scope["http_version"] == "1.0":
        raise RefusedError("HTTP/1.0 has no Transfer-Encoding")

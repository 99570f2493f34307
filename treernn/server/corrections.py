"""``POST /api/corrections``: trees that a reader has corrected, kept in a file to train with."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from treernn.checks import brief
from treernn.corpora.brackets import format_tree, parse_line
from treernn.errors import DataError, InputError
from treernn.server.answers import json_response
from treernn.server.bodies import json_object
from treernn.server.problems import RefusedError
from treernn.server.service import service_of

_CONTROLS = ("Cc", "Zl", "Zp")
"""Unicode's categories of control characters, and of ends of lines and paragraphs."""


async def store(request: Request) -> Response:
    """Append trees in brackets to the file of the server: all of them, or none."""
    service = service_of(request)
    file = service.options.corrections
    if file is None:
        raise RefusedError(
            "this server keeps no corrections; start it with --corrections FILE", status=404
        )
    async with service.bodies.read(request) as body:
        values = json_object(body, request.headers.get("content-type", ""))
    lines = lines_of(values, service.limits.texts)
    async with service.storing:
        try:
            await asyncio.to_thread(append_lines, file, lines)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RefusedError(f"the trees were not stored ({reason})", status=507) from None
    return json_response({"stored": len(lines)})


def lines_of(values: Mapping[str, Any], most: int) -> list[str]:
    """The trees of a request, a line each, as ``format_tree`` writes them.

    Args:
        values: ``{"trees": ["(4 (2 so) (3 good))", …]}``.
        most: trees in a request.

    Raises:
        RefusedError: it has anything else than trees with classes.
    """
    trees = values.get("trees")
    if not isinstance(trees, list) or not trees or len(values) > 1:
        raise RefusedError('the body has to be {"trees": ["(4 (2 so) (3 good))", …]}')
    if len(trees) > most:
        raise RefusedError(f"{len(trees):,} trees, the limit is {most:,}", status=413)
    return [_line(tree, f"tree {number}") for number, tree in enumerate(trees, 1)]


def _line(given: Any, place: str) -> str:
    if not isinstance(given, str):
        raise RefusedError(f"{place} is {brief(given)}, expected a tree in brackets")
    try:
        tree = parse_line(given)
        if not tree.labels:
            raise InputError("it has no classes")
        for number, word in enumerate(tree.words, 1):
            if any(unicodedata.category(c) in _CONTROLS for c in word):
                # In a terminal or an editor they would move or break the line.
                raise InputError(f"word {number} {brief(word)} has a control character")
        return format_tree(tree)
    except DataError as error:
        problem = str(error).partition(": ")[2]
        raise RefusedError(f"{place}, column {error.column}: {problem}") from None
    except InputError as error:
        raise RefusedError(f"{place}: {error}") from None


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Append lines to a file, which is made if it does not exist.

    Raises:
        OSError: it cannot be written; it is then as before.
    """
    data = "".join(f"{line}\n" for line in lines).encode()
    with open(path, "a+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":  # somebody's file without an end of its last line
                data = b"\n" + data
        try:
            written = 0
            while written < len(data):
                written += file.write(data[written:])
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise

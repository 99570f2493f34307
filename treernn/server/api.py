"""``/api``: scores and trees as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import treernn
from treernn.server.answers import json_response, list_response
from treernn.server.asked import Asked, parse_asked, score_asked
from treernn.server.bodies import json_object
from treernn.server.limits import Limits
from treernn.server.outputs import LEVELS
from treernn.server.problems import RefusedError
from treernn.server.service import entry, service_of
from treernn.server.work import Failure, Models
from treernn.types import LABELS

Ask = Callable[[Mapping[str, Any], Models, Limits], Asked]


async def score(request: Request) -> Any:
    """``POST /api/score``: the sentiment of a text, or of several."""
    return await _answer(request, score_asked)


async def parse(request: Request) -> Any:
    """``POST /api/parse``: the parse tree of each sentence of a text, or of several."""
    return await _answer(request, parse_asked)


async def models(request: Request) -> Response:
    """``GET /api/models``: what requests may choose."""
    service = service_of(request)
    limits = service.limits
    return json_response(
        {
            "treernn": treernn.__version__,
            "models": [
                {"name": name, "kind": service.pool.kinds.get(name)}
                for name in service.models.models
            ],
            "parsers": list(service.models.parsers),
            "levels": LEVELS,
            "labels": LABELS,
            "corrections": service.options.corrections is not None,
            "limits": {
                name: value
                for name, value in asdict(limits).items()
                if name in ("body_bytes", "characters", "texts", "seconds", "upload_bytes")
            },
        }
    )


async def _answer(request: Request, ask: Ask) -> Response:
    service = service_of(request)
    async with service.bodies.read(request) as body:
        values = json_object(body, request.headers.get("content-type", ""))
    asked = ask(values, service.models, service.limits)
    works = asked.works()
    answers = iter(await service.answers(request, works))
    ordered = [next(answers) if isinstance(text, str) else text for text in asked.texts]
    if asked.single:
        [answer] = ordered
        if isinstance(answer, Failure):
            raise RefusedError(answer.problem, status=500)
        return json_response(answer)
    entries = (entry(answer, f"text {number}") for number, answer in enumerate(ordered, 1))
    return list_response("results", entries)

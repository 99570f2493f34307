"""``POST /``, as CoreNLP's server answers it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from treernn.errors import TreernnError
from treernn.server.answers import PiecewiseResponse
from treernn.server.corenlp.output import DocumentOutput
from treernn.server.corenlp.request import Wanted, decoded, properties_of, wanted
from treernn.server.problems import RefusedError
from treernn.server.service import Service, service_of
from treernn.server.work import Failure, Reading, Work

_TYPES = {"json": "application/json;charset=UTF-8", "serialized": "application/x-protobuf"}
_HEADERS = {"cache-control": "no-store"}


async def annotate(request: Request) -> Response:
    """Annotate the text in the body; errors are plain text, as clients of CoreNLP expect."""
    try:
        return await _annotated(request)
    except TreernnError as error:
        status = error.status if isinstance(error, RefusedError) else 400
        headers = dict(_HEADERS)
        if isinstance(error, RefusedError) and error.retry_after is not None:
            headers["retry-after"] = str(error.retry_after)
        return PlainTextResponse(f"{error}\n", status, headers)


async def _annotated(request: Request) -> Response:
    service = service_of(request)
    asked = wanted(properties_of(request.query_params))
    async with service.bodies.read(request) as body:
        text = decoded(body, request.headers.get("content-type", ""))
    limit = service.limits.characters
    if len(text) > limit:
        raise RefusedError(
            f"Request is too long to be handled by server: {len(text)} characters. "
            f"Max length is {limit} characters."
        )
    answer = await _answer(request, service, text, asked)
    return PiecewiseResponse([answer], 200, _HEADERS, _TYPES[asked.format])


async def _answer(request: Request, service: Service, text: str, asked: Wanted) -> bytes:
    default = service.models.default
    reading = Reading(default.model, default.parser, asked.ends, asked.white_space)
    seconds = min(asked.seconds, service.limits.seconds)
    timed_out = "CoreNLP request timed out. Your document may be too long."
    works = [Work(text, reading, DocumentOutput(asked))]
    [answer] = await service.answers(request, works, seconds, RefusedError(timed_out, status=500))
    if isinstance(answer, Failure):
        raise RefusedError(answer.problem, status=500)
    return answer

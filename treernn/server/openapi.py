"""``GET /openapi.json``: the routes as OpenAPI 3.1 describes them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import treernn
from treernn.server.answers import json_response
from treernn.server.limits import Limits
from treernn.server.schemas import TEXT, Schema, options, ref, schemas
from treernn.server.service import service_of
from treernn.server.uploads import OPTIONS
from treernn.server.work import Models

_JSON, _LINES, _PLAIN = "application/json", "application/x-ndjson", "text/plain"


def _content(kind: str, schema: Schema, description: str = "The answer.") -> Schema:
    return {"description": description, "content": {kind: {"schema": schema}}}


_WRONG = {
    "400": "The request cannot be understood.",
    "401": "The server needs a token.",
    "403": "Pages of other sites may not use this server.",
    "404": "There is nothing at this address, or the server keeps no corrections.",
    "405": "The address has no such method.",
    "408": "The request did not arrive in time.",
    "413": "The request is too large.",
    "415": "The body is of another type.",
    "409": "The job is not done.",
    "429": "Too many texts wait; try again after `Retry-After` seconds.",
    "507": "There is no place for the file.",
    "503": "A worker died, or the answer took too long; try again.",
}


def _errors(*statuses: str, kind: str = _JSON) -> Schema:
    schema = ref("Error") if kind == _JSON else TEXT
    statuses = (*statuses, "400", "401", "403", "405")
    return {status: _content(kind, schema, _WRONG[status]) for status in sorted({*statuses})}


_WORK_ERRORS = ("408", "413", "415", "429", "503")


def _post(summary: str, request: Schema, answer: Schema, kind: str = _JSON) -> Schema:
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {kind: {"schema": request}}},
        "responses": {"200": _content(kind, answer), **_errors(*_WORK_ERRORS)},
    }


def _get(summary: str, answer: Schema, kind: str = _JSON, **more: Schema) -> Schema:
    responses = {"200": _content(kind, answer), **_errors(), **more}
    return {"summary": summary, "responses": responses}


def _query(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


_NOT_READY = {"503": _content(_PLAIN, TEXT, "Models are being loaded, or the server stops.")}
_HEALTH = {
    "/healthz": _get("Whether the server runs", TEXT, _PLAIN),
    "/live": _get("Whether the server runs", TEXT, _PLAIN),
    "/ping": _get("Answers pong", TEXT, _PLAIN),
    "/readyz": _get("Whether models are loaded and warm", TEXT, _PLAIN, **_NOT_READY),
    "/ready": _get("Whether models are loaded and warm", TEXT, _PLAIN, **_NOT_READY),
    "/metrics": _get("Counts and times, for Prometheus", TEXT, _PLAIN),
}
_CORENLP = {
    "summary": "Annotate a text as CoreNLP's server does",
    "parameters": [
        _query("properties", TEXT, "A map of CoreNLP's properties; other keys are properties too.")
    ],
    "requestBody": {"required": False, "content": {_PLAIN: {"schema": TEXT}}},
    "responses": {
        "200": _content(_JSON, {"type": "object"}),
        **_errors("408", "413", "429", "503", kind=_PLAIN),
        "500": _content(_PLAIN, TEXT, "The time in the property `timeout` was too short."),
    },
}


_ID = {"name": "id", "in": "path", "required": True, "schema": TEXT}
_JOBS: Schema = {
    "/api/jobs": {
        "post": {
            "summary": "Upload a file to score; the body is the file as it is",
            "parameters": [
                _query(name, TEXT, description) for name, description in OPTIONS.items()
            ],
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string"}}},
            },
            "responses": {
                "202": _content(_JSON, ref("Job")),
                **_errors("408", "413", "429", "507"),
            },
        }
    },
    "/api/jobs/{id}": {
        "parameters": [_ID],
        "get": _get("How far a job is", ref("Job"), **_errors("404")),
        "delete": {
            "summary": "Stop a job, and remove its files",
            "responses": {"204": {"description": "It is gone."}, **_errors("404")},
        },
    },
    "/api/jobs/{id}/result": {
        "parameters": [_ID],
        "get": {
            "summary": "The scored file",
            "responses": {
                "200": {"description": "The file.", "content": {"*/*": {"schema": {}}}},
                **_errors("404", "409"),
            },
        },
    },
}


_CORRECTIONS = _post("Keep corrected trees", ref("Corrections"), ref("Stored"))
_CORRECTIONS["responses"] |= _errors("404", "507")


def document(models: Models, limits: Limits, token: bool) -> Schema:
    """The description of a server.

    Args:
        models, limits: of the server.
        token: whether it needs a token.
    """
    in_address = [
        _query(name, schema, "As in `/api/score`.") for name, schema in options(models).items()
    ]
    paths: dict[str, Any] = {
        "/": {"post": _CORENLP},
        "/api/score": {
            "post": _post("Score texts", ref("ScoreRequest"), ref("ScoreAnswer")),
        },
        "/api/score/stream": {
            "post": _post("Score JSON lines while they come", TEXT, TEXT, _LINES)
            | {"parameters": in_address},
        },
        "/api/parse": {
            "post": _post("Parse texts", ref("ParseRequest"), ref("ParseAnswer")),
        },
        **_JOBS,
        "/api/corrections": {"post": _CORRECTIONS},
        "/api/models": {"get": _get("What requests may choose", ref("Models"))},
        **{path: {"get": operation} for path, operation in _HEALTH.items()},
    }
    security = {"bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "treernn",
            "version": treernn.__version__,
            "description": "The sentiment of a text, phrase by phrase, over its parse trees.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": schemas(models, limits), "securitySchemes": security},
        "security": [{"bearer": []}] if token else [],
    }


async def openapi(request: Request) -> Response:
    """The description of this server."""
    service = service_of(request)
    token = service.options.token is not None
    return json_response(document(service.models, service.limits, token))

"""``/api/jobs``: upload a file, see how far it is, fetch the result."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from treernn.errors import InputError
from treernn.scoring.entries import LEVELS, Detail
from treernn.scoring.formats import ending_of
from treernn.scoring.settings import Settings, TableOptions
from treernn.server.answers import json_response
from treernn.server.asked import chosen, classes_of, of_address, reading_of
from treernn.server.job_process import JobSettings
from treernn.server.jobs import Job
from treernn.server.problems import RefusedError
from treernn.server.service import Service, service_of
from treernn.tables.csv import check_delimiter
from treernn.tables.open import FORMATS, format_of

OUTPUTS = ("csv", "tsv", "json", "jsonl", "excel", "parquet", "html")
OPTIONS = {
    "name": "Name of the file; its ending says the format.",
    "input": "Format of the file, if its name does not say it.",
    "column": "Column with the texts.",
    "encoding": "Encoding of the text, if it is not found.",
    "delimiter": "Character between fields, if it is not found.",
    "output": "Format of the result; by default that of the file.",
    "model": "As in `/api/score`.",
    "parser": "As in `/api/score`.",
    "level": "What a row of the result is.",
    "explain": "Whether there is a column with explanations.",
    "classes": "As in `/api/score`.",
}
"""Options in the address, and what they mean."""


async def create(request: Request) -> Response:
    """``POST /api/jobs``: the body is the file as it is."""
    service = service_of(request)
    job = await service.jobs.receive(request, settings_of(dict(request.query_params), service))
    headers = {"location": f"/api/jobs/{job.id}"}
    return json_response(job.described(), 202, headers)


async def show(request: Request) -> Response:
    """``GET /api/jobs/ID``: how far it is."""
    return json_response(_job(request).described())


async def delete(request: Request) -> Response:
    """``DELETE /api/jobs/ID``: stop it, and remove its files."""
    job = _job(request)
    await service_of(request).jobs.remove(job)
    return Response(status_code=204)


async def result(request: Request) -> Response:
    """``GET /api/jobs/ID/result``: the scored file."""
    job = _job(request)
    if job.state == "failed":
        raise RefusedError(f"the job failed: {job.error}", status=409)
    if job.state != "done":
        raise RefusedError("the job is not done yet", status=409, retry_after=2)
    settings = job.settings
    stem = Path(settings.name).stem or "texts"
    name = quote(f"{stem}-scored{settings.result.suffix}", safe="")
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{name}",
        "cache-control": "no-store",
        # A result is data; a browser that shows it runs nothing in it.
        "content-security-policy": "sandbox",
    }
    return FileResponse(settings.result, headers=headers)


def _job(request: Request) -> Job:
    return service_of(request).jobs.find(request.path_params["id"])


def settings_of(query: dict[str, str], service: Service) -> JobSettings:
    """The settings of a job from the options in its address.

    Raises:
        RefusedError: an option is wrong.
    """
    for option in query:
        if option not in OPTIONS:
            raise RefusedError(f"unknown option {option[:60]} in the address")
    name = Path(query.get("name", "").replace("\\", "/")).name[:200]
    input = query.get("input") or format_of(name)
    if input not in FORMATS:
        raise RefusedError(
            f"the format of the file is unknown; give name=reviews.csv, or input=, one of "
            f"{', '.join(FORMATS)}"
        )
    reading = reading_of(query, service.models)
    level = chosen(query, "level", LEVELS, LEVELS[0])
    explain = chosen(query, "explain", ("false", "true"), "false") == "true"
    if level == "phrase" and explain:
        raise RefusedError("a phrase has no explanation, use level=review or sentence")
    output = chosen(query, "output", OUTPUTS, input if input in OUTPUTS else "csv")
    if output == "html" and level != "review":
        raise RefusedError("level needs another output than html")
    delimiter = query.get("delimiter")
    if delimiter is not None:
        try:
            check_delimiter(delimiter)
        except InputError as error:
            raise RefusedError(str(error)) from None
    models = service.models
    ending = "".join(Path(name).suffixes[-2:])[:20] if query.get("name") else ""
    column, encoding, characters = (
        query.get("column"),
        query.get("encoding"),
        service.limits.characters,
    )
    return JobSettings(
        source=Path(f"source{_safe(ending)}"),
        result=Path(f"result{ending_of(output)}"),
        name=name or "the file",
        options=TableOptions(column or "text", input, characters, encoding, delimiter),
        settings=Settings(
            models.models[reading.model],
            models.device,
            models.parsers[reading.parser],
            models.precision,
            output,
            detail=Detail(level, explain=explain, classes=classes_of(of_address(query))),
            lexicon=models.lexicons.get(reading.model),
        ),
    )


def _safe(ending: str) -> str:
    """Endings of a name; those of compressions matter to the reader."""
    return "".join(c for c in ending.lower() if c.isascii() and (c.isalnum() or c == "."))

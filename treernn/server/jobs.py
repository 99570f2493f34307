"""Jobs: uploaded files, scored one after the other, whose results are kept for a while."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.requests import Request

from treernn.server.bodies import check_length, pieces_of, too_long
from treernn.server.job_process import JobSettings
from treernn.server.limits import Limits
from treernn.server.problems import RefusedError
from treernn.server.process import end, start_program
from treernn.server.work import pack

SLOWEST = 10_000
"""Bytes a second that an upload must have, after its first seconds."""


@dataclass(slots=True)
class Job:
    """A file that is, or was, or will be scored.

    Attributes:
        id: part of its address; cannot be guessed.
        folder: has the file and its result.
        settings: how it is scored.
        state: ``waiting``, ``running``, ``done`` or ``failed``.
        rows, failed, fraction: what is scored already.
        error: why it failed.
        task: scores it.
    """

    id: str
    folder: Path
    settings: JobSettings
    state: str = "waiting"
    rows: int = 0
    failed: int = 0
    fraction: float = 0.0
    error: str | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def described(self) -> dict[str, Any]:
        """Its values for JSON."""
        return {
            "id": self.id,
            "name": self.settings.name,
            "state": self.state,
            "rows": self.rows,
            "failed": self.failed,
            "fraction": round(self.fraction, 4),
            "error": self.error,
            "result": f"/api/jobs/{self.id}/result" if self.state == "done" else None,
        }


class Jobs:
    """The jobs of a server, in a temporary folder that ends with it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._jobs: dict[str, Job] = {}
        self._coming = 0
        self._turn = asyncio.Semaphore(1)
        self._folder: Path | None = None

    def find(self, id: str) -> Job:
        """A job by its id.

        Raises:
            RefusedError: there is none, or it is no longer kept.
        """
        job = self._jobs.get(id)
        if job is None:
            raise RefusedError("no such job; results are kept for a while only", status=404)
        return job

    async def receive(self, request: Request, settings: JobSettings) -> Job:
        """Store the body of a request, and score it when it is its turn.

        Args:
            request: its body has not been read.
            settings: paths in it are relative.

        Raises:
            RefusedError: there are too many jobs, or the body is too long or too slow.
            DisconnectedError: the client has gone.
        """
        limits = self._limits
        check_length(request, limits.upload_bytes)
        if len(self._jobs) + self._coming >= limits.jobs:
            raise RefusedError(
                f"there are {limits.jobs} jobs already; delete some, or try again later",
                status=429,
                retry_after=60,
            )
        id = secrets.token_urlsafe(16)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="treernn-jobs-"))
        folder = self._folder / id
        folder.mkdir()
        self._coming += 1
        try:
            await self._store(request, folder / settings.source)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            self._coming -= 1
        settings = _inside(settings, folder)
        job = self._jobs[id] = Job(id, folder, settings)
        job.task = asyncio.create_task(self._run(job))
        return job

    async def _store(self, request: Request, path: Path) -> None:
        loop = asyncio.get_running_loop()
        first = loop.time() + self._limits.client_seconds
        size = 0
        pieces = pieces_of(request)
        try:
            with path.open("wb") as file:
                while True:
                    async with asyncio.timeout_at(first + size / SLOWEST):
                        piece = await anext(pieces, None)
                    if piece is None:
                        return
                    size += len(piece)
                    if size > self._limits.upload_bytes:
                        raise too_long(self._limits.upload_bytes)
                    file.write(piece)
        except TimeoutError:
            raise RefusedError("the file arrives too slowly", status=408) from None
        except OSError:
            raise RefusedError("the file cannot be stored here", status=507) from None

    async def _run(self, job: Job) -> None:
        try:
            async with self._turn:
                job.state = "running"
                await _score(job)
        except asyncio.CancelledError:
            raise
        except Exception:
            job.error = "the job could not be started"
        job.state = "failed" if job.error else "done"
        job.settings.source.unlink(missing_ok=True)
        await asyncio.sleep(self._limits.job_seconds)
        job.task = None
        await self.remove(job)

    async def remove(self, job: Job) -> None:
        """Stop a job, and forget it and its files."""
        self._jobs.pop(job.id, None)
        if job.task is not None:
            job.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await job.task
        shutil.rmtree(job.folder, ignore_errors=True)

    async def stop(self) -> None:
        """End all jobs."""
        for job in list(self._jobs.values()):
            await self.remove(job)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _inside(settings: JobSettings, folder: Path) -> JobSettings:
    return replace(settings, source=folder / settings.source, result=folder / settings.result)


async def _score(job: Job) -> None:
    """Score the file of a job in a process of its own, and note how far it is."""
    process = await start_program("treernn.server.job_process")
    try:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None
        with contextlib.suppress(OSError):
            stdin.write(pack(job.settings))
            await stdin.drain()
        ended = False
        async for line in stdout:
            said = json.loads(line)
            job.error = said.get("error")
            job.rows, job.failed = said.get("rows", job.rows), said.get("failed", job.failed)
            job.fraction = said.get("fraction", job.fraction)
            ended = ended or said.get("done", False) or job.error is not None
        if not ended:
            job.error = "the process that scored the file has died; upload it again"
    finally:
        await end(process)

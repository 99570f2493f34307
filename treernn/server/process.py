"""The server's end of a worker: starts the process, sends it batches, and ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from treernn.errors import ModelError
from treernn.memory import KERNELS
from treernn.server.limits import START_SECONDS
from treernn.server.problems import NotTakenError, WorkerDiedError
from treernn.server.work import HEADER, TAKEN, Answer, Failure, Models, Ready, Work, pack, unpack

# As multiprocessing does it: a worker imports what its server would import.
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from importlib import import_module; import_module(sys.argv[2]).run()"
)
_END_SECONDS = 5.0


async def start_program(module: str) -> asyncio.subprocess.Process:
    """Start a process that runs ``run`` of a module, with pipes to its standard streams."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        json.dumps(sys.path),
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**KERNELS, **os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,  # Ctrl-C in a terminal is for the server
    )


async def end(process: asyncio.subprocess.Process) -> None:
    """End a process now."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform != "win32":
                # Not process.kill(), which may take the exit status that asyncio waits for.
                os.kill(process.pid, signal.SIGKILL)
            else:
                process.kill()
    await process.wait()


class WorkerProcess:
    """A process that holds the models. Only ``start`` makes one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, models: Models) -> tuple[WorkerProcess, Ready]:
        """Start a process, and wait until its models are loaded and warm.

        Raises:
            ModelError: they cannot be loaded.
            WorkerDiedError: the process ended.
        """
        process = await start_program("treernn.server.worker")
        worker = cls(process)
        try:
            async with asyncio.timeout(START_SECONDS):
                worker._write(models)
                first = await worker._receive()
        except TimeoutError:
            await worker.kill()
            raise WorkerDiedError from None
        except BaseException:
            await worker.kill()
            raise
        if isinstance(first, Failure):
            await worker.stop()
            raise ModelError(first.problem)
        return worker, first

    def send(self, batch: Sequence[Work]) -> None:
        """Give it a batch; ``answers`` has to follow."""
        self._write(list(batch))

    async def answers(self, seconds: float) -> list[Answer]:
        """The answers to the batch that was sent.

        Raises:
            WorkerDiedError: it has no answers; the process is then ended.
            NotTakenError: it had died before; another worker may have the batch.
        """
        taken = False
        try:
            async with asyncio.timeout(seconds):
                taken = await self._receive() == TAKEN
                answers: list[Answer] = await self._receive()
        except (TimeoutError, WorkerDiedError) as error:
            await self.kill()
            if not taken and isinstance(error, WorkerDiedError):
                raise NotTakenError from None
            raise WorkerDiedError from None
        return answers

    def _write(self, message: Any) -> None:
        """Write a message, which the worker reads when it is idle. A worker that has died is
        noticed when nothing comes from it."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(pack(message))

    async def _receive(self) -> Any:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            [length] = HEADER.unpack(await stdout.readexactly(HEADER.size))
            return unpack(await stdout.readexactly(length))
        except (OSError, asyncio.IncompleteReadError):
            raise WorkerDiedError from None

    async def ended(self) -> None:
        """Wait until the process has ended."""
        await self._process.wait()

    async def stop(self) -> None:
        """End the process after what it has in work; kill it if that takes too long."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        await self.kill()

    async def kill(self) -> None:
        """End the process now."""
        await end(self._process)

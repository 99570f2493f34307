"""``--devices``: the same command in several processes, which train together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from treernn.cli.terminal import interruptible, quiet
from treernn.errors import InputError, ProcessError
from treernn.workers import interrupts_blocked

if TYPE_CHECKING:
    import torch

STORE = "TREERNN_STORE"
"""As in ``treernn.training.loop.parallel``, which imports torch; a test compares them."""

LOST = 75
"""Exit status of a process that ends because another one has ended: EX_TEMPFAIL."""

_SAID = (1, 2, 130)
"""Exit statuses of this command, which process 0 has explained itself."""

_SECONDS = 10.0
"""In which the other processes end by themselves when one has failed, and then when told to."""


@contextlib.contextmanager
def training(out: Path, device: str, devices: int) -> Iterator[torch.device]:
    """A block that trains into ``out``, in as many processes.

    The first process only starts these, waits for their end and exits. In each of them the block
    runs, but what it prints comes from process 0 alone.

    Yields:
        The device of this process.

    Raises:
        InputError: ``out`` cannot be a folder, or there is no such device.
        ProcessError: a process was killed.
    """
    with interruptible(out):
        count = _started()
        if devices > 1 and count == 1:
            raise typer.Exit(_run(devices))
        if devices not in (1, count):
            raise InputError(f"--devices is {devices}, but torchrun has started {count} processes")
        if count == 1:
            from treernn.cli.device import chosen_device

            yield chosen_device(device)
            return
        from treernn.training.loop.parallel import joined

        try:
            with _quiet(), joined(device) as where:
                yield where
        except ProcessError:
            if STORE not in os.environ:
                raise
            raise typer.Exit(LOST) from None  # whoever started this process says why


def _started() -> int:
    """How many processes ``torchrun`` has started; 1 without it."""
    count = os.environ.get("WORLD_SIZE", "1")
    if not (count.isdecimal() and int(count)):
        raise InputError(
            f"WORLD_SIZE in the environment is {count!r}, expected the number of processes of "
            "torchrun; without torchrun unset it"
        )
    return int(count)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Print nothing but errors, unless this is process 0."""
    if not quiet():
        yield
        return
    with (
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        warnings.catch_warnings(action="ignore"),
    ):
        yield


def _run(count: int) -> int:
    """Run this command in so many processes; returns the exit status.

    Raises:
        ProcessError: one was killed.
    """
    with tempfile.TemporaryDirectory() as folder, _ended_by_sigterm():
        environment = {
            "OMP_NUM_THREADS": "1",
            # On one machine no other network is needed, which containers may not have.
            **({"GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else {}),
            "TORCH_CPP_LOG_LEVEL": "ERROR",
            **os.environ,
            "WORLD_SIZE": str(count),
            "LOCAL_WORLD_SIZE": str(count),
            STORE: f"file://{folder}/store",
        }
        processes: list[subprocess.Popen[bytes]] = []
        try:
            with interrupts_blocked():  # Ctrl-C ends this process, which ends the others
                for rank in range(count):
                    numbers = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
                    processes += [_start({**environment, **numbers}, _errors(folder, rank))]
            failed = _first_failure(processes)
        finally:
            _end(processes)
        if failed is None:
            return 0
        status = processes[failed].returncode
        if status < 0:
            raise ProcessError(
                f"process {failed} of the training was killed ({signal.Signals(-status).name}), "
                "perhaps because memory ran out; the same command resumes after the last complete "
                "epoch"
            )
        if status == LOST:
            raise ProcessError(
                "the processes of the training lost each other; the same command resumes after "
                "the last complete epoch"
            )
        said = _errors(folder, failed).read_text("utf-8", "replace") if failed else ""
        if said or (not failed and status in _SAID):
            sys.stderr.write(said)
            return status
        raise ProcessError(
            f"process {failed} of the training ended with status {status} and no message; the same "
            "command resumes after the last complete epoch"
        )


def _errors(folder: str, rank: int) -> Path:
    """The file with the standard error of a process."""
    return Path(folder, f"errors-{rank}")


def _start(environment: dict[str, str], errors: Path) -> subprocess.Popen[bytes]:
    """Start this command as one of several processes; process 0 prints its errors itself."""
    command = [sys.executable, "-m", "treernn", *sys.argv[1:]]
    if environment["RANK"] == "0":
        return subprocess.Popen(command, env=environment)  # noqa: S603
    with errors.open("wb") as file:
        return subprocess.Popen(command, env=environment, stderr=file)  # noqa: S603


def _first_failure(processes: Sequence[subprocess.Popen[bytes]]) -> int | None:
    """Wait until all have ended, or one with an error, and the others had time to.

    Returns:
        The process that failed by itself; None if none did.
    """
    failures: list[int] = []
    end = None
    while any(each.poll() is None for each in processes) and (not end or time.monotonic() < end):
        time.sleep(0.05)
        failures += [n for n, each in enumerate(processes) if each.returncode and n not in failures]
        end = end or (time.monotonic() + _SECONDS if failures else None)
    failures += [n for n, each in enumerate(processes) if each.returncode and n not in failures]
    return min(failures, key=lambda n: processes[n].returncode == LOST, default=None)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End those that still run."""
    for end in (subprocess.Popen.terminate, subprocess.Popen.kill):
        for process in processes:
            end(process)  # nothing happens if it has ended
        limit = time.monotonic() + _SECONDS
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, limit - time.monotonic()))


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM raises ``SystemExit`` in this block, so that its processes end too."""
    try:
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    except ValueError:  # in another thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

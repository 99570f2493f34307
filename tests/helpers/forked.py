"""The command line in processes of its own, forked from one that has imported torch, which takes
most of the time of a short command.

Each has its own streams, working folder and end, as any process. The start of Python and the
imports are left out: `cli/test_main.py` and `cli/test_streams.py` have them.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

_SERVER = """
import gc, json, os, socket, sys
import torch
import treernn.cli.app, treernn.models.sentiment, treernn.scoring.scorer
from treernn.cli.main import main

requests = socket.socket(fileno=int(sys.argv[1]))
gc.collect()
gc.freeze()  # what is imported stays shared memory
while True:
    message, fds, *_ = socket.recv_fds(requests, 1 << 20, 3)
    if not message:
        break
    child = os.fork()
    if not child:
        requests.close()
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
            os.close(fd)
        folder, *arguments = json.loads(message)
        os.chdir(folder)
        sys.argv = ["treernn", *arguments]
        main()
        break
    for fd in fds:
        os.close(fd)
    requests.send(str(child).encode())
    _, status = os.waitpid(child, 0)
    requests.send(str(os.waitstatus_to_exitcode(status)).encode())
"""

Forked = Callable[[tuple[str | Path, ...], bytes], subprocess.CompletedProcess[bytes]]


@contextmanager
def forking(environment: Mapping[str, str], timeout: float) -> Iterator[Forked]:
    """Run ``treernn`` with arguments and standard input, in this environment."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(timeout)
    with (
        ours,
        theirs,
        subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(theirs.fileno())],
            # The kind of stream that its children get: Python looks once how a stream is buffered.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            pass_fds=[theirs.fileno()],
        ),
        ThreadPoolExecutor(3) as streams,
    ):
        theirs.close()

        def run(
            arguments: tuple[str | Path, ...], stdin: bytes
        ) -> subprocess.CompletedProcess[bytes]:
            (read_in, write_in), (out, write_out), (err, write_err) = (os.pipe() for _ in range(3))
            message = json.dumps([str(Path.cwd()), *map(str, arguments)]).encode()
            socket.send_fds(ours, [message], [read_in, write_out, write_err])
            for fd in (read_in, write_out, write_err):
                os.close(fd)
            child = int(ours.recv(99))
            try:
                streams.submit(_write, write_in, stdin)
                found = [streams.submit(_read, fd) for fd in (out, err)]
                status = int(ours.recv(99))
            except TimeoutError:
                os.kill(child, signal.SIGKILL)
                raise
            return subprocess.CompletedProcess(
                arguments, status, *(each.result() for each in found)
            )

        yield run
        ours.shutdown(socket.SHUT_RDWR)


def _write(fd: int, content: bytes) -> None:
    with suppress(BrokenPipeError), open(fd, "wb") as file:
        file.write(content)


def _read(fd: int) -> bytes:
    with open(fd, "rb") as file:
        return file.read()

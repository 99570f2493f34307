"""A server process on a free port, as a user starts it."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx


@dataclass
class Serving:
    """A running server.

    Attributes:
        process: of it; its standard error goes to ``errors``.
        url: its address, without the slash at the end.
        client: asks it.
    """

    process: subprocess.Popen[str]
    url: str
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def post(self, path: str, value: object, **options: object) -> httpx.Response:
        headers = {"content-type": "application/json", **options.pop("headers", {})}  # type: ignore
        content = json.dumps(value)  # httpx itself refuses lone surrogates
        return self.client.post(path, content=content, headers=headers, **options)  # type: ignore

    def workers(self) -> list[int]:
        """The ids of its worker processes."""
        import psutil

        return [child.pid for child in psutil.Process(self.process.pid).children()]


@contextlib.contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[Serving]:
    """``treernn serve`` with these arguments; it is stopped at the end, if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "treernn", "serve", "--port", "0", "--workers", "1", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )
    server = None
    try:
        lines = iter(process.stdout.readline, "")
        found = next(
            filter(None, (re.match(r"ready at (http\S+)/$", line) for line in lines)), None
        )
        assert found, process.communicate()
        server = Serving(process, found[1])
        yield server
    finally:
        if server is not None:
            server.client.close()
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

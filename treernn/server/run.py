"""Run a server until a signal stops it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

import uvicorn

from treernn.errors import InputError, TreernnError, one_line
from treernn.server.app import make_app
from treernn.server.hosts import names_to_answer
from treernn.server.limits import Limits
from treernn.server.protocol import protocol_class
from treernn.server.service import Options, Service
from treernn.server.work import Models

STOP_SECONDS = 70
"""After a signal to stop, in which requests in work are finished."""

_BACKLOG = 1024


class _Server(uvicorn.Server):
    """uvicorn, which tells the service that it stops, and leaves the rest to the caller."""

    service: Service | None = None
    loop: asyncio.AbstractEventLoop | None = None
    stopped_by: int | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn; it would raise the signal again at the end."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()
        self.stopped_by = sig
        if self.service is not None and self.loop is not None:
            self.loop.call_soon_threadsafe(self.service.stop)


def serve(
    host: str,
    port: int,
    models: Models,
    workers: int,
    limits: Limits,
    options: Options,
    announce: Callable[[str], None],
) -> None:
    """Serve until SIGTERM, after which all requests in work are finished.

    Args:
        host, port: where to listen; with port 0 a free one is chosen.
        models: what each worker loads.
        workers: number of worker processes.
        limits, options: of the server.
        announce: is called with the address when the models are warm.

    Raises:
        InputError: nothing can listen there.
        TreernnError: the models cannot be loaded.
        KeyboardInterrupt: Ctrl-C stopped it.
    """
    listening = listen(host, port)
    address = address_of(host, listening)
    names = names_to_answer(options.hosts or (), host, listening.getsockname()[0], options.token)
    options = replace(options, hosts=names)
    failure: TreernnError | None = None
    tasks: list[asyncio.Task[None]] = []

    async def watch(service: Service) -> None:
        nonlocal failure
        while not service.pool.ready:
            if service.pool.failed.done():
                failure = service.pool.failed.result()
                server.should_exit = True
                return
            await asyncio.sleep(0.02)
        with contextlib.suppress(OSError, TreernnError):  # nobody reads what is printed
            announce(address)

    def started(service: Service) -> None:
        server.service, server.loop = service, asyncio.get_running_loop()
        tasks.append(asyncio.create_task(watch(service)))

    config = uvicorn.Config(
        make_app(models, workers, limits, options, started),
        http=protocol_class(limits),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=STOP_SECONDS,
        backlog=_BACKLOG,
    )
    server = _Server(config)
    with listening:
        asyncio.run(server.serve([listening]))
    if failure is not None:
        raise failure
    if server.stopped_by == signal.SIGINT:
        raise KeyboardInterrupt


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        InputError: there is no such host, or the port is taken.
    """
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = infos[0]
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = one_line(error).partition(" (while")[0]
        raise InputError(
            f"cannot listen on {host}:{port} ({reason}); choose another --host or --port"
        ) from None


def address_of(host: str, listening: socket.socket) -> str:
    """What a browser on this machine opens."""
    port = listening.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{name}]' if ':' in name and name[0] != '[' else name}:{port}/"


def open_browser(address: str) -> None:
    """Open a page; where there is no browser, nothing happens. Some browsers run in the terminal
    until they are closed."""
    import threading
    import webbrowser

    def open_page() -> None:
        with contextlib.suppress(Exception):
            webbrowser.open(address)

    threading.Thread(target=open_page, daemon=True).start()

"""uvicorn's HTTP/1.1 with an end for clients that are slow, or never go on."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from treernn.server.limits import Limits


def protocol_class(limits: Limits) -> type[H11Protocol]:
    """The class of connections with these limits."""

    class Protocol(H11Protocol):
        """A connection; uvicorn itself ends only those that are idle between two requests."""

        _reading: asyncio.TimerHandle | None = None
        _writing: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait_for_request()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop(self._reading)
            self._stop(self._writing)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._stop_if_request()

        def on_response_complete(self) -> None:
            self._wait_for_request()
            super().on_response_complete()
            self._stop_if_request()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._stop(self._writing)
            self._writing = self.loop.call_later(limits.client_seconds, self.transport.abort)

        def resume_writing(self) -> None:
            self._stop(self._writing)
            super().resume_writing()

        def send_400_response(self, msg: str) -> None:
            """See uvicorn; its answer does not say what is wrong, and cannot follow another."""
            if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
                self.transport.close()
                return
            # Some problems have more of the request behind the colon.
            reason = str(sys.exc_info()[1] or msg).partition(": b")[0]
            body = json.dumps({"error": f"this is no request of HTTP/1.1 ({reason})"}).encode()
            headers = [
                ("content-type", "application/json"),
                ("x-content-type-options", "nosniff"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            answer = h11.Response(status_code=400, headers=headers, reason="Bad Request")
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event))
            self.transport.close()

        def _wait_for_request(self) -> None:
            self._stop(self._reading)
            self._reading = self.loop.call_later(limits.client_seconds, self.transport.abort)

        def _stop_if_request(self) -> None:
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop(self._reading)

        def _stop(self, timer: asyncio.TimerHandle | None) -> None:
            if timer is not None:
                timer.cancel()

    return Protocol

"""How requests are read from a connection: by httptools where it is installed, else by h11, and bounded by both."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Any

from motif.optional import require
from motif.sources._http_prompt import Prompt, prompted

__all__ = ["bounded_protocol"]

_HEAD_BYTES = 256 * 1024
"""Of a request's line, headers and chunk sizes together; h11 has a bound of its own, httptools has none."""


def bounded_protocol(
    *, connections: int | None = None, silent_s: float | None = None, prompt: Prompt | None = None
) -> Any:
    """Return a protocol for uvicorn that closes connections that ask for too much.

    Parameters
    ----------
    connections : int, optional
        How many there may be at once.
    silent_s : s, optional
        How long a new one may take until it has asked for something, and one that is kept for the head of a next
        request, once it has begun.
    prompt : callable, optional
        Answers POST requests that came whole, where httptools reads them; h11 leaves them to the application.

    Raises
    ------
    MissingExtraError
        uvicorn is not installed.
    """
    base: Any
    if find_spec("httptools"):
        base = _head_bounded(require("uvicorn.protocols.http.httptools_impl", extra="control").HttpToolsProtocol)
        base = prompted(base, prompt) if prompt else base
    else:
        base = require("uvicorn.protocols.http.h11_impl", extra="control").H11Protocol

    class Bounded(base):  # type: ignore[misc]
        """Closes connections beyond the limit, and those that begin a request and don't go on."""

        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if connections is not None and len(self.connections) > connections:
                transport.close()
            else:
                self._wait_for_a_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._wait_for_a_head()

        def _wait_for_a_head(self) -> None:
            if silent_s is not None and self._timer is None and self._owes_a_head():
                self._timer = self.loop.call_later(silent_s, self._close_if_silent, self.cycle)

        def _owes_a_head(self) -> bool:
            """Whether nothing is being answered, nor the connection kept for a request that has not begun."""
            is_answering = self.cycle is not None and not self.cycle.response_complete
            is_kept = self.timeout_keep_alive_task is not None
            is_websocket = self.transport.get_protocol() is not self
            return not (is_answering or is_kept or is_websocket or self.transport.is_closing())

        def _close_if_silent(self, before: Any) -> None:
            self._timer = None
            if self.cycle is before and self._owes_a_head():
                self.transport.close()
            else:
                self._wait_for_a_head()

    return Bounded


def _head_bounded(base: Any) -> Any:
    class HeadBound(base):  # type: ignore[misc]
        """Counts what is no body, of each request."""

        _head_bytes = 0

        def data_received(self, data: bytes) -> None:
            self._head_bytes += len(data)
            super().data_received(data)
            if self._head_bytes > _HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

        def on_message_begin(self) -> None:
            self._head_bytes = 0
            super().on_message_begin()

        def on_body(self, body: bytes) -> None:
            self._head_bytes -= len(body)
            super().on_body(body)

    return HeadBound

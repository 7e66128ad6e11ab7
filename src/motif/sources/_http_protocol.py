"""How requests are read from a connection: by httptools where it is installed, else by h11, and bounded by both."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Any

from motif.optional import require

__all__ = ["bounded_protocol"]

_HEAD_BYTES = 256 * 1024
"""Of a request's line, headers and chunk sizes together; h11 has a bound of its own, httptools has none."""


def bounded_protocol(*, connections: int | None = None, silent_s: float | None = None) -> Any:
    """Return a protocol for uvicorn that closes connections that ask for too much.

    Parameters
    ----------
    connections : int, optional
        How many there may be at once.
    silent_s : s, optional
        How long a new one may take until it has asked for something.

    Raises
    ------
    MissingExtraError
        uvicorn is not installed.
    """
    base: Any
    if find_spec("httptools"):
        base = _head_bounded(require("uvicorn.protocols.http.httptools_impl", extra="control").HttpToolsProtocol)
    else:
        base = require("uvicorn.protocols.http.h11_impl", extra="control").H11Protocol

    class Bounded(base):  # type: ignore[misc]
        """Closes connections beyond the limit, and those that ask for nothing."""

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if connections is not None and len(self.connections) > connections:
                transport.close()
            elif silent_s is not None:
                self.loop.call_later(silent_s, self._close_if_silent)

        def _close_if_silent(self) -> None:
            is_websocket = self.transport.get_protocol() is not self
            if self.cycle is None and not is_websocket:
                self.transport.close()

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

"""uvicorn inside somebody else's event loop: on a port of its own or any, quiet, bounded, and gone when stopped."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from motif.errors import SourceError
from motif.optional import require
from motif.sources._ending import end_tasks
from motif.sources._http_prompt import Prompt
from motif.sources._http_protocol import bounded_protocol
from motif.sources._listener import listening_socket

__all__ = ["HTTPServer", "lan_address"]


def lan_address() -> str:
    """Return this machine's address in the local network; loopback where there is none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.254.254.254", 9))  # UDP: only asks which way it would go
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


class HTTPServer:
    """Serves one ASGI application until it is stopped."""

    def __init__(self, app: Any, *, connections: int, silent_s: float, prompt: Prompt | None = None) -> None:
        self._app = app
        self._bounds: dict[str, Any] = {"connections": connections, "silent_s": silent_s, "prompt": prompt}
        self._server: Any = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0
        """Where it listens, once it is started."""

    async def start(self, host: str, port: int) -> None:
        """Listen.

        Raises
        ------
        SourceError
            The port is taken, or the address is not one of this machine.
        MissingExtraError
            uvicorn is not installed.
        """
        uvicorn = require("uvicorn", extra="control")
        listener = listening_socket(host, port, hint="choose another port, or 0 for any")
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=bounded_protocol(**self._bounds),
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,  # the secret stands in the path
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,  # phones send every second or so, some every minute
            timeout_graceful_shutdown=2,
        )
        quiet = logging.getLogger("uvicorn")
        if not quiet.handlers:
            quiet.addHandler(logging.NullHandler())  # else Python prints warnings of unconfigured loggers itself
        self._server = _embedded(uvicorn.Server)(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="motif http server")
        ready = asyncio.create_task(self._server.ready.wait())
        try:
            await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.stop()
            raise
        finally:
            await end_tasks(ready)
        if self._task.done():
            raise SourceError(f"cannot serve on {host} port {port}") from self._task.exception()

    async def stop(self) -> None:
        """Stop listening and close all connections."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task
            self._task = self._server = None


def _embedded(base: Any) -> Any:
    class Embedded(base):  # type: ignore[misc]
        """Leaves Ctrl-C to the program around it, and says when it listens."""

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.ready = asyncio.Event()

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.ready.set()

    return Embedded

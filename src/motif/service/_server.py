"""A service on a port: bounded, quiet, and stopped so that what was asked is still answered."""

from __future__ import annotations

import gc
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from motif.errors import BundleError, MissingFileError, SourceError
from motif.optional import require
from motif.service._app import Service
from motif.service._settings import ServiceSettings
from motif.service._shelf import Shelf
from motif.sources import bounded_protocol, listening_socket
from motif.telemetry import logger

__all__ = ["open_service", "running", "serve"]

_LOG = logger(__name__)


def open_service(bundles: Sequence[Path], settings: ServiceSettings) -> Service:
    """Load and warm up bundles, and return the service that answers from them.

    Parameters
    ----------
    bundles : sequence of path
        Each must load. Where none is named, all that are in `bundles_dir` are loaded, and a damaged one is left out
        with an event that says so.

    Raises
    ------
    BundleError, MissingExtraError
    MissingFileError
        `bundles_dir` is no folder.
    """
    if settings.bundles_dir is not None and not settings.bundles_dir.is_dir():
        raise MissingFileError(settings.bundles_dir, want="a folder of bundles")
    shelf = Shelf()
    for path in bundles:
        shelf.load(path)
    service = Service(shelf, settings)
    for name in () if bundles else service.repository.names():
        try:
            service.repository.load(name)
        except BundleError as error:
            _LOG.error("bundle left out", bundle=name, error=str(error))
    return service


def serve(service: Service, *, on_ready: Callable[[int], None] = lambda port: None) -> None:
    """Serve until SIGTERM or Ctrl-C; then finish what is under way, at most `stop_s`.

    Parameters
    ----------
    service : Service
    on_ready : callable
        Told the port once connections are taken.

    Raises
    ------
    SourceError
        The port is taken, or the address is not one of this machine.
    MissingExtraError
        The extra `service` is not installed.
    """
    gc.collect()
    gc.freeze()  # what is loaded stays: the collector need not go through it again, tens of milliseconds each time
    with closing(_listener(service.settings)) as listener:
        _server(service, on_ready).run(sockets=[listener])


@contextmanager
def running(service: Service) -> Iterator[int]:
    """Serve in a thread while the block runs; yields the port.

    Raises
    ------
    SourceError, MissingExtraError
        As `serve`.
    """
    listens = threading.Event()
    with closing(_listener(service.settings)) as listener:
        server = _server(service, lambda port: listens.set())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="motif service")
        thread.start()
        try:
            while not listens.wait(0.1):
                if not thread.is_alive():
                    raise SourceError("the service did not start; its log says why")
            yield int(listener.getsockname()[1])
        finally:
            service.is_stopping = server.should_exit = True
            thread.join()


def _server(service: Service, on_ready: Callable[[int], None]) -> Any:
    uvicorn = require("uvicorn", extra="service")
    settings = service.settings
    config = uvicorn.Config(
        service.app,
        http=bounded_protocol(
            connections=settings.connections_at_once, silent_s=settings.body_s, prompt=service.app.answer_whole
        ),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # frames are small: it would cost more than it saves, and memory for each stream
        ws_max_size=settings.frame_bytes,
        backlog=4096,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, round(settings.stop_s)),
    )
    quiet = logging.getLogger("uvicorn")
    if not quiet.handlers:
        quiet.addHandler(logging.NullHandler())  # else Python prints warnings of unconfigured loggers itself
    return _server_class(uvicorn.Server, service, on_ready)(config)


def _server_class(base: Any, service: Service, on_ready: Callable[[int], None]) -> Any:
    class Server(base):  # type: ignore[misc]
        """Says when it listens, and is not ready any more from the moment it was asked to stop."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            service.start_listening()
            assert sockets is not None
            port = int(sockets[0].getsockname()[1])
            _LOG.info("serving", port=port, models=[model.name for model in service.shelf])
            on_ready(port)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await service.stop_listening()
            await super().shutdown(sockets)

        def handle_exit(self, sig: int, frame: Any) -> None:
            service.is_stopping = True
            super().handle_exit(sig, frame)

    return Server


def _listener(settings: ServiceSettings) -> socket.socket:
    return listening_socket(settings.host, settings.port, hint="choose another with --port")

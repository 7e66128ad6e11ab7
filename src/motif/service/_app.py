"""The application: health, the Open Inference Protocol, streams, models that come and go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from motif.errors import MotifError
from motif.optional import require
from motif.service._answers import FAULT, status_of
from motif.service._figures import Figures
from motif.service._guard import Guard
from motif.service._inference import Inference
from motif.service._late import Skipped
from motif.service._mqtt import MqttFace
from motif.service._openapi import described, document
from motif.service._protocol import metadata
from motif.service._repository import Repository
from motif.service._settings import ServiceSettings
from motif.service._shelf import Model, Shelf
from motif.service._socket import serve_stream
from motif.service._streams import Streams
from motif.service._turns import Turns
from motif.sources import end_tasks
from motif.telemetry import logger

__all__ = ["Service"]

_LOG = logger(__name__)


class Service:
    """One service: its models, its settings and its ASGI application.

    Parameters
    ----------
    shelf : Shelf
        With the models to begin with.
    settings : ServiceSettings
    now_s : callable
        Seconds that never run backward.

    Raises
    ------
    MissingExtraError
        The extra `service` is not installed.
    """

    def __init__(self, shelf: Shelf, settings: ServiceSettings, *, now_s: Callable[[], float] = time.monotonic) -> None:
        fastapi = require("fastapi", extra="service")
        self.shelf, self.settings, self.figures, self.now_s = shelf, settings, Figures(), now_s
        self.turns, self.skipped = Turns(), Skipped(self.figures.skipped, now_s)
        self.streams = Streams(
            events_kept=settings.events_kept, keep_s=settings.keep_stream_s, most=settings.streams_at_once, now_s=now_s
        )
        self.repository = Repository(shelf, settings.bundles_dir)
        self.mqtt: MqttFace | None = None
        self._listening: asyncio.Task[None] | None = None
        self.is_stopping = False
        api = fastapi.FastAPI(title="motif", version="1", docs_url=None, redoc_url=None)
        api.openapi_url = "/openapi.json"
        self._add_errors(api)
        self._add_health(api)
        self._add_models(api)
        self._add_repository(api)
        api.router.routes.append(
            require("starlette.routing", extra="service").WebSocketRoute("/v1/stream", self._stream)
        )
        api.openapi = document(api)
        self.api = api
        answering = Inference(api, shelf, self.figures, self.turns, settings)
        self.app = Guard(answering, settings, self.figures, lambda: int(now_s() * 1e9))

    @property
    def is_ready(self) -> bool:
        """Whether every model has answered a window (a model that has not is not on the shelf), and there is one."""
        return len(self.shelf) > 0 and not self.is_stopping

    def model(self, name: str | None) -> Model:
        """Return the model of a name, or where none is said the one of the settings, or the only one.

        Raises
        ------
        UnknownModelError
            There is none of that name; none is said and there are several.
        """
        name = name or self.settings.model
        return self.shelf.only if name is None else self.shelf.get(name)

    def start_listening(self) -> None:
        """Hear readings from the broker of the settings too, if there is one; inside a running event loop."""
        if self.settings.mqtt is not None:
            self.mqtt = MqttFace(self)
            self._listening = asyncio.create_task(self.mqtt.run(), name="motif mqtt")

    async def stop_listening(self) -> None:
        """Leave the broker."""
        if self._listening is not None:
            await end_tasks(self._listening)

    def _add_errors(self, api: Any) -> None:
        from fastapi.responses import JSONResponse
        from starlette.exceptions import HTTPException

        async def refused(_: Any, error: Exception) -> Any:
            assert isinstance(error, MotifError)
            return JSONResponse({"error": str(error), "code": error.code}, status_code=status_of(error))

        async def fault(_: Any, error: Exception) -> Any:
            _LOG.error("fault", error=f"{type(error).__name__}: {error}")
            return JSONResponse(dict(zip(("code", "error"), FAULT, strict=True)), status_code=500)

        async def unknown(_: Any, error: Any) -> Any:
            code = {404: "not-found", 405: "method"}.get(error.status_code, "refused")
            told = {"error": f"{error.detail}; /openapi.json lists what there is", "code": code}
            return JSONResponse(told, status_code=error.status_code, headers=error.headers)

        api.add_exception_handler(MotifError, refused)
        api.add_exception_handler(HTTPException, unknown)
        api.add_exception_handler(Exception, fault)

    def _add_health(self, api: Any) -> None:
        from fastapi.responses import JSONResponse, Response

        async def alive() -> Any:
            return {"live": True, "status": self.skipped.status}

        async def ready() -> Any:
            models = {model.name: {"version": model.version, "warm_up_ms": model.warm_up_ms} for model in self.shelf}
            return JSONResponse({"ready": self.is_ready, "models": models}, status_code=200 if self.is_ready else 503)

        async def figures() -> Any:
            self.figures.models.set(len(self.shelf))
            return Response(self.figures.text(), media_type="text/plain; version=0.0.4")

        for path in ("/healthz", "/v2/health/live"):
            api.add_api_route(path, alive, **described("The process answers."))
        for path in ("/readyz", "/v2/health/ready"):
            api.add_api_route(path, ready, **described("Every model has answered a window.", 503))
        api.add_api_route("/metrics", figures, **described("Counters and timings for Prometheus."))

    def _add_models(self, api: Any) -> None:
        async def server() -> Any:
            return {"name": "motif", "version": api.version, "extensions": ["binary_tensor_data", "model_repository"]}

        async def about(model: str, version: str | None = None) -> Any:
            return metadata(self.shelf.get(model, version), self.shelf.versions(model))

        async def is_ready(model: str, version: str | None = None) -> Any:
            found = self.shelf.get(model, version)
            return {"name": found.name, "ready": not self.is_stopping}

        api.add_api_route("/v2", server, **described("What this server is."))
        for base in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
            api.add_api_route(base, about, **described("Inputs and outputs of a model.", 404))
            api.add_api_route(f"{base}/ready", is_ready, **described("Whether a model answers.", 404))

    def _add_repository(self, api: Any) -> None:
        async def index() -> Any:
            return [
                {"name": model.name, "version": model.version, "state": "READY", "reason": ""} for model in self.shelf
            ]

        async def load(model: str) -> Any:
            found = await asyncio.to_thread(self.repository.load, model)
            return {"name": found.name, "version": found.version}

        async def unload(model: str) -> Any:
            self.shelf.unload(model)
            return {"name": model}

        base = "/v2/repository"
        api.add_api_route(f"{base}/index", index, methods=["POST"], **described("The models that are loaded."))
        api.add_api_route(
            f"{base}/models/{{model}}/load",
            load,
            methods=["POST"],
            **described("Load a bundle by name.", 400, 404, 409),
        )
        api.add_api_route(f"{base}/models/{{model}}/unload", unload, methods=["POST"], **described("Unload.", 404))

    async def _stream(self, websocket: Any) -> None:
        await serve_stream(websocket, self)

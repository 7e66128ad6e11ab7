"""`POST /v2/models/NAME[/versions/V]/infer`, answered in front of the framework.

Routing, dependencies and responses of FastAPI took a fifth of a small answer's time; its OpenAPI document describes
this route as any other.
"""

from __future__ import annotations

import asyncio
import os
import re
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter

from motif.errors import InputError, MotifError
from motif.service._answers import FAULT, App, Receive, Scope, Send, answered, refusal, status_of
from motif.service._figures import Figures
from motif.service._protocol import Reply, Request, read_request, write_reply
from motif.service._settings import ServiceSettings
from motif.service._shelf import Model, Shelf
from motif.service._turns import Turns
from motif.sources import Answer
from motif.telemetry import logger

__all__ = ["Inference"]

_LOG = logger(__name__)
_PATH = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer")
_FEW_WINDOWS = 8
"""A few milliseconds; requests of more stand in a line of their own, so that others are answered meanwhile."""
_THREADS = min(4, max(1, (os.cpu_count() or 1) - 1))
"""One core is the event loop's."""
_JSON_BYTES = b"inference-header-content-length"


class Inference:
    """An ASGI application in front of another: answers what asks for predictions, and passes the rest on.

    Parameters
    ----------
    app : ASGI application
    shelf : Shelf
    figures : Figures
    turns : Turns
        Which it shares with all that computes in this loop.
    settings : ServiceSettings
        How many windows a request may have, and how long it may take to arrive.
    """

    def __init__(self, app: App, shelf: Shelf, figures: Figures, turns: Turns, settings: ServiceSettings) -> None:
        self._app, self._shelf, self._figures, self._turns = app, shelf, figures, turns
        self._most_windows, self._body_s = settings.windows_per_request, settings.body_s
        self._few = ThreadPoolExecutor(_THREADS, "motif judge")
        self._many = ThreadPoolExecutor(1, "motif judge of many")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await self._app(scope, receive, send)
        elif scope["method"] != "POST":
            await refusal(405, "method", "send windows with POST", (b"allow", b"POST")).send(send)
        else:
            answer = await self._post(asked[1], asked[2], scope, receive)
            if answer is not None:
                await answer.send(send)

    @staticmethod
    def is_asked(path: str) -> bool:
        """Whether a path asks for predictions."""
        return _PATH.fullmatch(path) is not None

    def answer_whole(self, scope: Scope, body: bytes) -> Answer | Future[Answer] | None:
        """Return the answer to a POST that asks and whose body has come; None where it has to wait for its turn."""
        asked = _PATH.fullmatch(scope["path"])
        assert asked is not None
        name, version = asked.groups()
        try:
            model = self._shelf.get(name, version)
            return self._judging(model, self._read(model, scope, body)) if model.recognizer.is_graph else None
        except Exception as error:
            return self._failed(name, error)

    async def _post(self, name: str, version: str | None, scope: Scope, receive: Receive) -> Answer | None:
        """Return the answer; None where the caller has gone."""
        try:
            async with asyncio.timeout(self._body_s):
                body = await _body(receive)
            if body is None:
                return None
            await self._turns.next()
            model = self._shelf.get(name, version)
            told = self._judging(model, self._read(model, scope, body))
            if isinstance(told, Future):
                told = await asyncio.wrap_future(told)
        except Exception as error:
            return self._failed(name, error)
        return told

    def _read(self, model: Model, scope: Scope, body: bytes) -> Request:
        return read_request(body, model, json_bytes=_json_bytes(scope), most_windows=self._most_windows)

    def _judging(self, model: Model, request: Request) -> Answer | Future[Answer]:
        """Answer; in a thread where others can go on meanwhile, or have to."""
        are_few = len(request.windows) <= _FEW_WINDOWS
        if are_few and not model.recognizer.is_graph:
            return self._judged(model, request, perf_counter())
        return (self._few if are_few else self._many).submit(self._judged, model, request, perf_counter())

    def _judged(self, model: Model, request: Request, began_s: float) -> Answer:
        try:
            predictions = [model.recognizer.recognize(window) for window in request.windows]
            reply = write_reply(request, model, predictions)
        except Exception as error:
            return self._failed(model.name, error)
        self._figures.seconds.labels(model.name).observe(perf_counter() - began_s)
        self._figures.windows.labels(model.name).inc(len(request.windows))
        self._count(model.name, "ok")
        return _sent(reply)

    def _failed(self, name: str, error: Exception) -> Answer:
        if isinstance(error, TimeoutError):
            self._count(name, "refused")
            return refusal(408, "slow", "the request came too slowly", (b"connection", b"close"))
        if isinstance(error, MotifError):
            self._count(name, "refused")
            return refusal(status_of(error), error.code, str(error))
        self._count(name, "fault")
        _LOG.error("fault", error=f"{type(error).__name__}: {error}", exc_info=error)
        return refusal(500, *FAULT)

    def _count(self, name: str, status: str) -> None:
        self._figures.requests.labels(name if self._shelf.versions(name) else "unknown", status).inc()


def _sent(reply: Reply) -> Answer:
    if reply.json_bytes is None:
        return answered(200, reply.body)
    size = (_JSON_BYTES, b"%d" % reply.json_bytes)
    return answered(200, reply.body, size, media_type=b"application/octet-stream")


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body; None where the caller has gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _json_bytes(scope: Scope) -> int | None:
    size: bytes | None = dict(scope["headers"]).get(_JSON_BYTES)
    if size is None:
        return None
    if not size.isdigit() or len(size) > 12:
        raise InputError(f"Inference-Header-Content-Length is {size[:20].decode('latin-1')!r}; want a whole number")
    return int(size)

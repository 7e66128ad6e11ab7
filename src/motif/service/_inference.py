"""`POST /v2/models/NAME[/versions/V]/infer`, answered in front of the framework.

Routing, dependencies and responses of FastAPI took a fifth of a small answer's time; its OpenAPI document describes
this route as any other.
"""

from __future__ import annotations

import asyncio
import re

from motif.errors import InputError, MotifError
from motif.recognizer import Prediction
from motif.service._answers import FAULT, App, Receive, Scope, Send, send_answer, send_error, status_of
from motif.service._figures import Figures
from motif.service._protocol import Reply, Request, read_request, write_reply
from motif.service._settings import ServiceSettings
from motif.service._shelf import Model, Shelf
from motif.service._turns import Turns
from motif.telemetry import logger

__all__ = ["Inference"]

_LOG = logger(__name__)
_PATH = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer")
_INLINE_WINDOWS = 8  # a few milliseconds; more go to a thread, so that others are answered meanwhile
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await self._app(scope, receive, send)
        elif scope["method"] != "POST":
            await send_error(send, 405, "method", "send windows with POST", [(b"allow", b"POST")])
        else:
            await self._post(asked[1], asked[2], scope, receive, send)

    async def infer(self, name: str, version: str | None, body: bytes, json_bytes: int | None) -> Reply:
        """Answer the body of one inference request.

        Raises
        ------
        InputError, UnknownModelError
        """
        model = self._shelf.get(name, version)
        with self._figures.seconds.labels(model.name).time():
            await self._turns.next()
            request = read_request(body, model, json_bytes=json_bytes, most_windows=self._most_windows)
            reply = write_reply(request, model, await _recognized(model, request))
        self._figures.windows.labels(model.name).inc(len(request.windows))
        return reply

    async def _post(self, name: str, version: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._body_s):
                body = await _body(receive)
            if body is None:
                return
            reply = await self.infer(name, version, body, _json_bytes(scope))
        except TimeoutError:
            self._count(name, "refused")
            await send_error(send, 408, "slow", "the request came too slowly", [(b"connection", b"close")])
        except MotifError as error:
            self._count(name, "refused")
            await send_error(send, status_of(error), error.code, str(error))
        except Exception as error:
            self._count(name, "fault")
            _LOG.exception("fault", error=f"{type(error).__name__}: {error}")
            await send_error(send, 500, *FAULT)
        else:
            self._count(name, "ok")
            await _send_reply(send, reply)

    def _count(self, name: str, status: str) -> None:
        self._figures.requests.labels(name if self._shelf.versions(name) else "unknown", status).inc()


async def _send_reply(send: Send, reply: Reply) -> None:
    if reply.json_bytes is None:
        await send_answer(send, 200, reply.body)
    else:
        size = [(_JSON_BYTES, str(reply.json_bytes).encode())]
        await send_answer(send, 200, reply.body, media_type=b"application/octet-stream", headers=size)


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


async def _recognized(model: Model, request: Request) -> list[Prediction]:
    def recognized() -> list[Prediction]:
        return [model.recognizer.recognize(window) for window in request.windows]

    return recognized() if len(request.windows) <= _INLINE_WINDOWS else await asyncio.to_thread(recognized)


def _json_bytes(scope: Scope) -> int | None:
    size: bytes | None = dict(scope["headers"]).get(_JSON_BYTES)
    if size is None:
        return None
    if not size.isdigit() or len(size) > 12:
        raise InputError(f"Inference-Header-Content-Length is {size[:20].decode('latin-1')!r}; want a whole number")
    return int(size)

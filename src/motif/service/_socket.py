"""A WebSocket connection to a stream: opened, told what was missed, and closed with a reason."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from motif.errors import InputError
from motif.service._conversation import POLICY, Conversation, ReplacedError, send
from motif.service._shelf import Model
from motif.service._streams import Stream
from motif.telemetry import logger

if TYPE_CHECKING:
    from motif.service._app import Service

__all__ = ["serve_stream"]

_LOG = logger(__name__)
_REPLACED, _TOO_SLOW = 4409, 1013
_NAME_LENGTH = 200


async def serve_stream(websocket: Any, service: Service) -> None:
    """Serve one connection to `/v1/stream?stream=NAME[&model=NAME][&after=ID]` until it ends.

    First comes `ready`, with the channels and the rate that are listened to, then the events after `after` that were
    missed; then, for each frame, its events and, if it had a `seq`, an `ack`. A frame that cannot be used is answered
    with `error`. Of frames that waited too long the newest window alone is judged, and `skipped` says of how many
    others nothing is said. Nothing is read while the other side does not take what it is sent, and for 20 s at most.
    """
    from starlette.websockets import WebSocketDisconnect

    await websocket.accept()
    try:
        name, after, model = _asked(websocket.query_params, service)
    except InputError as error:
        await send(websocket, {"type": "error", "code": error.code, "error": str(error)})
        await websocket.close(POLICY)
        return
    stream, resumed = service.streams.attach(name, model, websocket, after)
    service.figures.streams.inc()
    try:
        await send(websocket, _ready(stream, resumed))
        for event in stream.since(after):
            await send(websocket, event)
        await Conversation(websocket, stream, service).run()
    except ReplacedError:
        await _close(websocket, _REPLACED, "another connection has this stream now")
    except TimeoutError:
        _LOG.warning("stream takes nothing", stream=name)
        await _close(websocket, _TOO_SLOW)
    except (WebSocketDisconnect, RuntimeError):  # the other side is gone, while we read or while we sent
        pass
    finally:
        service.figures.streams.dec()
        service.streams.detach(stream, websocket)


def _asked(query: Any, service: Service) -> tuple[str, int, Model]:
    name, after = query.get("stream", ""), query.get("after", "0")
    if not 0 < len(name) <= _NAME_LENGTH:
        raise InputError(f"name the stream, with up to {_NAME_LENGTH} characters: /v1/stream?stream=phone-1")
    if not after.isdecimal() or len(after) > 19:
        raise InputError(f"after is {after[:30]!r}; want the id of the last event that came")
    return name, int(after), service.model(query.get("model"))


def _ready(stream: Stream, resumed: bool) -> dict[str, Any]:
    return {
        "type": "ready",
        "stream": stream.name,
        "model": stream.model.name,
        "version": stream.model.version,
        "channels": list(stream.channels),
        "rate_hz": stream.rate_hz,
        "resumed": resumed,
        "last_id": stream.last_id,
    }


async def _close(websocket: Any, code: int, reason: str | None = None) -> None:
    try:
        async with asyncio.timeout(1.0):
            await websocket.close(code, reason)
    except (TimeoutError, RuntimeError):
        pass

"""One WebSocket connection: frames of readings in, acknowledgements and events out."""

from __future__ import annotations

import asyncio
from typing import Any

from motif.errors import InputError, MotifError
from motif.service._figures import Figures
from motif.service._json import to_json
from motif.service._shelf import Model, Shelf
from motif.service._streams import Stream, Streams, read_frame
from motif.service._turns import Turns
from motif.telemetry import logger

__all__ = ["serve_stream"]

_LOG = logger(__name__)
_SEND_S = 20.0
_MOST_REFUSED = 20
_POLICY, _REPLACED, _TOO_SLOW = 1008, 4409, 1013
_NAME_LENGTH = 200


async def serve_stream(websocket: Any, shelf: Shelf, streams: Streams, figures: Figures, turns: Turns) -> None:
    """Serve one connection to `/v1/stream?stream=NAME[&model=NAME][&after=ID]` until it ends.

    First comes `ready`, with the channels and the rate that are listened to, then the events after `after` that were
    missed; then, for each frame, its events and, if it had a `seq`, an `ack`. A frame that cannot be used is answered
    with `error`. Nothing is read while the other side does not take what it is sent, and for 20 s at most.
    """
    from starlette.websockets import WebSocketDisconnect

    await websocket.accept()
    try:
        name, after, model = _asked(websocket.query_params, shelf)
    except InputError as error:
        await _send(websocket, {"type": "error", "code": error.code, "error": str(error)})
        await websocket.close(_POLICY)
        return
    stream, resumed = streams.attach(name, model, websocket, after)
    figures.streams.inc()
    try:
        await _send(websocket, _ready(stream, resumed))
        for event in stream.since(after):
            await _send(websocket, event)
        await _converse(websocket, stream, shelf, figures, turns)
    except TimeoutError:
        _LOG.warning("stream takes nothing", stream=name)
        await _close(websocket, _TOO_SLOW)
    except (WebSocketDisconnect, RuntimeError):  # the other side is gone, while we read or while we sent
        pass
    finally:
        figures.streams.dec()
        streams.detach(stream, websocket)


async def _converse(websocket: Any, stream: Stream, shelf: Shelf, figures: Figures, turns: Turns) -> None:
    n_refused = 0
    while True:
        text = await _receive(websocket)
        await turns.next()
        if stream.holder is not websocket:
            await websocket.close(_REPLACED, "another connection has this stream now")
            return
        number = None
        try:
            readings, number = read_frame(text, stream.name)
            stream.use(_front(shelf, stream.model))
            events = stream.step(readings)
        except MotifError as error:
            n_refused += 1
            refusal = {"type": "error", "code": error.code, "error": str(error)[:500]}
            await _send(websocket, refusal if number is None else refusal | {"seq": number})
            if n_refused >= _MOST_REFUSED:
                await websocket.close(_POLICY, "too many frames that cannot be used")
                return
            continue
        figures.samples.inc(readings.n_samples if readings is not None else 0)
        figures.events.inc(len(events))
        for event in events:
            await _send(websocket, event)
        if number is not None:
            await _send(websocket, {"type": "ack", "seq": number})


def _asked(query: Any, shelf: Shelf) -> tuple[str, int, Model]:
    name, after = query.get("stream", ""), query.get("after", "0")
    if not 0 < len(name) <= _NAME_LENGTH:
        raise InputError(f"name the stream, with up to {_NAME_LENGTH} characters: /v1/stream?stream=phone-1")
    if not after.isdecimal() or len(after) > 19:
        raise InputError(f"after is {after[:30]!r}; want the id of the last event that came")
    model = query.get("model")
    return name, int(after), shelf.only if model is None else shelf.get(model)


def _front(shelf: Shelf, model: Model) -> Model:
    """Return the version of a model that is in front by now, or itself where it was unloaded."""
    return shelf.get(model.name) if shelf.versions(model.name) else model


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


async def _receive(websocket: Any) -> str | bytes:
    from starlette.websockets import WebSocketDisconnect

    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text: str | bytes = message.get("text") or message.get("bytes") or ""
    return text


async def _send(websocket: Any, message: dict[str, Any]) -> None:
    async with asyncio.timeout(_SEND_S):
        await websocket.send_text(to_json(message).decode())


async def _close(websocket: Any, code: int) -> None:
    try:
        async with asyncio.timeout(1.0):
            await websocket.close(code)
    except (TimeoutError, RuntimeError):
        pass

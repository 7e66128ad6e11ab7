"""What is said on one connection after it was opened: frames in their turns, late ones together."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from motif.errors import MotifError
from motif.recordings import Readings
from motif.service._frames import batches, read_frame
from motif.service._inbox import Frame, Inbox
from motif.service._json import to_json
from motif.service._late import Pace
from motif.service._shelf import Model, Shelf
from motif.service._streams import Stream
from motif.sources import end_tasks

if TYPE_CHECKING:
    from motif.service._app import Service

__all__ = ["POLICY", "Conversation", "ReplacedError", "send"]

POLICY = 1008
"""The code to close with where what was sent is against the rules."""
_SEND_S = 20.0
_MOST_REFUSED = 20
_WAITING_BYTES = 2**16
_TURN_SAMPLES, _LATE_TURN_SAMPLES = 50, 500
"""That are taken in one turn, so that nobody waits for long; of those that are late only one window is judged."""


class ReplacedError(Exception):
    """Another connection has the stream now."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What stands in a frame: readings, or None at the end of motion; or why it cannot be used."""

    readings: Readings | None = None
    number: int | None = None
    error: MotifError | None = None


class Conversation:
    """What is said on one connection after `ready`."""

    def __init__(self, websocket: Any, stream: Stream, service: Service) -> None:
        self._websocket, self._stream, self._service = websocket, stream, service
        self._inbox = Inbox(_WAITING_BYTES, service.now_s)
        self._pace = Pace(service.settings.late_s)
        self._n_refused = 0

    async def run(self) -> None:
        """Answer until the other side is gone, or has sent too much that cannot be used.

        Raises
        ------
        ReplacedError
            Another connection has the stream now.
        """
        reading = asyncio.create_task(self._inbox.fill(partial(_receive, self._websocket)))
        try:
            while (frame := await self._inbox.take()) is not None:
                await self._turn()
                await self._answer(frame)
                if self._n_refused >= _MOST_REFUSED:
                    await self._websocket.close(POLICY, "too many frames that cannot be used")
                    return
        finally:
            await end_tasks(reading)

    async def _turn(self) -> None:
        await self._service.turns.next()
        if self._stream.holder is not self._websocket:
            raise ReplacedError

    async def _answer(self, frame: Frame) -> None:
        """Answer a frame, or where it is late all that wait behind it, too."""
        said = self._read(frame)
        is_late = self._is_late(frame, said)
        together = [said, *map(self._read, self._inbox.rest())] if is_late else [said]
        self._stream.use(_front(self._service.shelf, self._stream.model))
        for is_good, some in itertools.groupby(together, key=lambda each: each.error is None):
            frames = list(some)
            try:
                if is_good:
                    await self._hear([each.readings for each in frames], is_late)
            except MotifError as error:
                frames = [replace(each, error=error) for each in frames]
            for each in frames:
                await self._acknowledge(each)

    def _read(self, frame: Frame) -> _Said:
        try:
            return _Said(*read_frame(frame.text, self._stream.name))
        except MotifError as error:
            return _Said(error=error)

    def _is_late(self, frame: Frame, said: _Said) -> bool:
        if said.readings is None or not said.readings.n_samples:
            return False
        newest_ns = int(said.readings.time_ns.max())
        return self._pace.is_late(came_s=frame.came_s, now_s=self._service.now_s(), newest_ns=newest_ns)

    async def _hear(self, frames: list[Readings | None], is_late: bool) -> None:
        """Listen to motion, in turns with others, and tell its events."""
        figures = self._service.figures
        for i, batch in enumerate(batches(frames, _LATE_TURN_SAMPLES if is_late else _TURN_SAMPLES)):
            if i:
                await self._turn()
            events, n_skipped = self._stream.take(batch, is_late=is_late)
            figures.samples.inc(sum(each.n_samples for each in batch if each is not None))
            figures.events.inc(len(events))
            for event in events:
                await send(self._websocket, event)
            if n_skipped:
                self._service.skipped.add(n_skipped, self._stream.name)
                await send(self._websocket, {"type": "skipped", "windows": n_skipped})

    async def _acknowledge(self, said: _Said) -> None:
        number = {} if said.number is None else {"seq": said.number}
        if said.error is not None:
            self._n_refused += 1
            refusal = {"type": "error", "code": said.error.code, "error": str(said.error)[:500]}
            await send(self._websocket, refusal | number)
        elif number:
            await send(self._websocket, {"type": "ack"} | number)


def _front(shelf: Shelf, model: Model) -> Model:
    """Return the version of a model that is in front by now, or itself where it was unloaded."""
    return shelf.get(model.name) if shelf.versions(model.name) else model


async def _receive(websocket: Any) -> str | bytes:
    from starlette.websockets import WebSocketDisconnect

    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text: str | bytes = message.get("text") or message.get("bytes") or ""
    return text


async def send(websocket: Any, message: dict[str, Any]) -> None:
    """Send a message; TimeoutError where it is not taken."""
    async with asyncio.timeout(_SEND_S):
        await websocket.send_text(to_json(message).decode())

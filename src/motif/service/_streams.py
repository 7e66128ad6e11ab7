"""Streams: readings of one device in, events out, told again after a lost connection and never twice."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import numpy as np

from motif.errors import InputError, MotifError
from motif.live import Engine, EngineConfig, Event
from motif.recordings import Readings
from motif.service._json import from_json
from motif.service._shelf import Model

__all__ = ["Stream", "Streams", "read_frame"]


def read_frame(text: str | bytes, device: str) -> tuple[Readings | None, int | None]:
    """Return the readings of one frame, and its number where it has one; no readings for `{"end": true}`.

    A frame is a JSON object of `channels` (names), `time_ns` (whole numbers) and `values` (a row for each time), in
    m/s², rad/s and µT as `Recording` has them.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        found = from_json(text)
    except ValueError as error:
        raise InputError(f"a frame is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError("a frame is no JSON object; want channels, time_ns and values")
    number = found.get("seq")
    if number is not None and type(number) is not int:
        raise InputError(f"seq is {number!r}; want a whole number")
    if found.get("end") is True:
        return None, number
    try:
        readings = Readings(
            device=device,
            channels=tuple(found["channels"]),
            time_ns=found["time_ns"],
            values=np.array(found["values"], np.float64),  # null becomes NaN
        )
    except KeyError as error:
        raise InputError(f"a frame lacks {error}; want channels, time_ns and values") from error
    except MotifError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a frame cannot be used: {error}") from error
    return readings, number


class Stream:
    """One device's motion on its way through an engine. Its events are numbered by the device's own time.

    An event's number is the time of the sample on which it was decided, so that a device that sends its motion again,
    to this process or to the next, gets the same numbers, and nothing it has heard of already.
    """

    def __init__(self, name: str, model: Model, *, events_kept: int, after: int = 0) -> None:
        self.name, self.model = name, model
        self.last_id = after
        self.holder: Any = None
        """The connection it belongs to at present."""
        self.idle_since_s = 0.0
        self._engine = Engine(model.recognizer, EngineConfig(max_devices=1))
        self._kept: deque[dict[str, Any]] = deque(maxlen=events_kept)

    @property
    def channels(self) -> tuple[str, ...]:
        """What it listens to."""
        return self._engine.channels

    @property
    def rate_hz(self) -> float:
        """The grid its readings are brought to."""
        return self._engine.rate_hz

    def use(self, model: Model) -> None:
        """Go on with another model; what was under way is forgotten."""
        if model is not self.model:
            self._engine.use(model.recognizer)
            self.model = model

    def step(self, readings: Readings | None) -> list[dict[str, Any]]:
        """Take readings, or the end of them; return the events that are new, as they go over the wire."""
        found = self._engine.flush() if readings is None else self._engine.step(readings)
        told = [self._numbered(event) for event in found if event.decided_ns > self.last_id]
        self._kept.extend(told)
        self.last_id = max([self.last_id, *(each["id"] for each in told)])
        return told

    def since(self, after: int) -> list[dict[str, Any]]:
        """Return the events kept whose number is above `after`."""
        return [event for event in self._kept if event["id"] > after]

    def _numbered(self, event: Event) -> dict[str, Any]:
        return {"type": "event", "id": event.decided_ns, "model": self.model.version, **event.to_dict()}


class Streams:
    """The streams there are; one without a connection is kept for a while."""

    def __init__(self, *, events_kept: int, keep_s: float, most: int, now_s: Callable[[], float]) -> None:
        self._streams: OrderedDict[str, Stream] = OrderedDict()
        self._events_kept, self._keep_s, self._most, self._now_s = events_kept, keep_s, most, now_s

    def attach(self, name: str, model: Model, holder: Any, after: int) -> tuple[Stream, bool]:
        """Return the stream of this name for a connection, and whether it was there; the newest connection has it."""
        self._forget()
        stream = self._streams.pop(name, None)
        was_there = stream is not None
        if stream is None:
            stream = Stream(name, model, events_kept=self._events_kept, after=after)
        stream.use(model)
        stream.holder = holder
        self._streams[name] = stream
        return stream, was_there

    def detach(self, stream: Stream, holder: Any) -> None:
        """Let a connection's stream wait for the next, unless another connection has it already."""
        if stream.holder is holder:
            stream.holder, stream.idle_since_s = None, self._now_s()
            self._streams.move_to_end(stream.name)

    def __len__(self) -> int:
        return len(self._streams)

    def _forget(self) -> None:
        now_s = self._now_s()
        for name, stream in list(self._streams.items()):
            is_old = stream.holder is None and now_s - stream.idle_since_s > self._keep_s
            if is_old or (stream.holder is None and len(self._streams) >= 2 * self._most):
                del self._streams[name]

"""Streams: readings of one device in, events out, told again after a lost connection and never twice."""

from __future__ import annotations

import itertools
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any

from motif.errors import InputError
from motif.live import Engine, EngineConfig, Event
from motif.recordings import Readings
from motif.service._shelf import Model

__all__ = ["Stream", "Streams", "TooManyStreamsError"]

_FORGET_EVERY_S = 1.0


class TooManyStreamsError(InputError):
    """More streams than `streams_at_once`."""

    code = "busy"


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

    def take(self, frames: Iterable[Readings | None], *, is_late: bool = False) -> tuple[list[dict[str, Any]], int]:
        """Take readings, None where motion ends.

        Returns
        -------
        events : list of dict
            Those that are new, as they go over the wire.
        n_skipped : int
            How many windows were due and not judged: where all is late, the newest alone is.
        """
        found: list[Event] = []
        n_skipped = 0
        for is_end, some in itertools.groupby(frames, key=lambda frame: frame is None):
            readings = [each for each in some if each is not None]
            if is_end:
                found += self._engine.flush()
            elif is_late:
                more, n_more = self._engine.catch_up(readings)
                found, n_skipped = found + more, n_skipped + n_more
            else:
                found += self._engine.step(readings)
        return self._new(found), n_skipped

    def _new(self, found: list[Event]) -> list[dict[str, Any]]:
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
        self._forgot_s = now_s()

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

    def begin(self, name: str, model: Model, holder: Any) -> Stream:
        """Return the stream of this name for somebody who comes without a connection.

        Raises
        ------
        TooManyStreamsError
            It would be one too many.
        """
        self._forget()
        if name not in self._streams and len(self._streams) >= self._most:
            raise TooManyStreamsError(f"streams_at_once={self._most} are followed already; raise it")
        return self.attach(name, model, holder, 0)[0]

    def detach(self, stream: Stream, holder: Any) -> None:
        """Let a connection's stream wait for the next, unless another connection has it already."""
        if stream.holder is holder:
            stream.holder, stream.idle_since_s = None, self._now_s()
            self._streams.move_to_end(stream.name)

    def __len__(self) -> int:
        return len(self._streams)

    def _forget(self) -> None:
        now_s = self._now_s()
        if now_s - self._forgot_s < _FORGET_EVERY_S and len(self._streams) < 2 * self._most:
            return
        self._forgot_s = now_s
        for name, stream in list(self._streams.items()):
            is_old = stream.holder is None and now_s - stream.idle_since_s > self._keep_s
            if is_old or (stream.holder is None and len(self._streams) >= 2 * self._most):
                del self._streams[name]

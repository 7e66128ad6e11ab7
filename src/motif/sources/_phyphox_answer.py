"""What phyphox answers: the values since the last ones, the state of the experiment, and when it was started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.sources._phyphox_config import PhyphoxSensor

__all__ = ["ExperimentClock", "Status", "newest", "query_since", "values_of"]

_LONGEST_S = 1e8


@dataclass(frozen=True, slots=True)
class Status:
    """What the experiment does."""

    session: str
    measuring: bool
    starts_in_s: float
    """With a timed run that has not begun; else 0."""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """Return what an answer of `/get` says of it."""
        status = answer.get("status")
        status = status if isinstance(status, Mapping) else {}
        left_ms = status.get("countDown", 0) if status.get("timedRun") else 0
        left_s = float(left_ms) / 1e3 if isinstance(left_ms, int | float) else 0.0
        measuring = status.get("measuring") is True
        return cls(str(status.get("session", "")), measuring, 0.0 if measuring else left_s)


class ExperimentClock:
    """From the time of the experiment, which stands still in pauses, to nanoseconds since the epoch, by `/time`."""

    def __init__(self, events: Any) -> None:
        pairs = sorted(
            (float(event["experimentTime"]), float(event["systemTime"]))
            for event in (events if isinstance(events, Sequence) else ())
            if isinstance(event, Mapping)
            and event.get("event") == "START"
            and all(_is_time(event.get(key)) for key in ("experimentTime", "systemTime"))
        )
        self._began_s = np.array([began for began, _ in pairs])
        self._offset_ns = np.array([round(1e9 * (system - began)) for began, system in pairs], dtype=np.int64)

    def __bool__(self) -> bool:
        return len(self._began_s) > 0

    def epoch_ns(self, time_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return (n,) nanoseconds since the epoch, by the last start before each time."""
        last = np.maximum(np.searchsorted(self._began_s, time_s, side="right") - 1, 0)
        return np.asarray(np.rint(1e9 * time_s).astype(np.int64) + self._offset_ns[last], dtype=np.int64)


def query_since(sensors: Sequence[PhyphoxSensor], since_s: Mapping[str, float]) -> dict[str, str]:
    """Return the parameters of `/get` for what came after these times, or for the last time where there is none."""
    query: dict[str, str] = {}
    for sensor in sensors:
        after = since_s.get(sensor.time_buffer)
        query[sensor.time_buffer] = "" if after is None else f"{after!r}"
        if after is not None:
            query |= dict.fromkeys(sensor.buffers, f"{after!r}|{sensor.time_buffer}")
    return query


def newest(answer: Mapping[str, Any], sensor: PhyphoxSensor) -> float:
    """Return the last time of a sensor in the answer; before all times where there is none."""
    times = _buffer(answer, sensor.time_buffer)
    times = times[np.isfinite(times)]
    return float(times.max()) if len(times) else -1.0


def values_of(
    answer: Mapping[str, Any], sensor: PhyphoxSensor, after_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times, s of the experiment, and values, (n, n_channels), of what came after a time; null becomes NaN."""
    columns = [_buffer(answer, name) for name in (sensor.time_buffer, *sensor.buffers)]
    n = min(map(len, columns))  # the phone goes on writing while it answers
    table = np.column_stack([column[:n] for column in columns])
    table = table[np.isfinite(table[:, 0]) & (table[:, 0] > after_s)]
    return table[:, 0], table[:, 1:]


def _buffer(answer: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    buffers = answer.get("buffer")
    content = buffers.get(name) if isinstance(buffers, Mapping) else None
    values = content.get("buffer") if isinstance(content, Mapping) else None
    if not isinstance(values, list):
        return np.empty(0)
    return np.array([_number(value) for value in values], dtype=np.float64)


def _number(value: Any) -> float:
    """Return a number, or NaN for null and for what no phone can measure."""
    return float(value) if isinstance(value, int | float) and abs(value) < _LONGEST_S else float("nan")


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < 4e9

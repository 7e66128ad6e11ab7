"""What a phyphox experiment measures: which of its buffers are which axis of which sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from motif.errors import SourceError

__all__ = ["PhyphoxSensor", "sensors_of"]

_CHANNELS = {
    "accelerometer": ("acc", "xyz"),
    "linear_acceleration": ("linear_acc", "xyz"),
    "gravity": ("gravity", "xyz"),
    "gyroscope": ("gyr", "xyz"),
    "magnetic_field": ("mag", "xyz"),
    "attitude": ("quat", "wxyz"),
}
"""By phyphox's name of the input: ours. Values are in m/s², rad/s and µT."""
_COMPONENT = {"w": "abs"}
"""A quaternion's w is the component that other sensors use for the length."""


@dataclass(frozen=True, slots=True)
class PhyphoxSensor:
    """One sensor: its buffers of time and of values."""

    channels: tuple[str, ...]
    time_buffer: str
    buffers: tuple[str, ...]
    """One for each channel."""


def sensors_of(config: Mapping[str, Any]) -> tuple[PhyphoxSensor, ...]:
    """Return the sensors of what `/config` says.

    Raises
    ------
    SourceError
        The experiment has no motion sensor whose axes and time can be read; the message names what it has.
    """
    inputs = config.get("inputs") if isinstance(config, Mapping) else None
    found, names = [], []
    for each in inputs if isinstance(inputs, Sequence) else ():
        if not isinstance(each, Mapping):
            continue
        names.append(str(each.get("source"))[:40])
        sensor = _sensor(str(each.get("source")), each.get("outputs"))
        if sensor is not None:
            found.append(sensor)
    if not found:
        has = ", ".join(names[:8]) or "no input"
        raise SourceError(f"this experiment has {has}; open one that records acceleration or rotation with its time")
    return tuple(found)


def _sensor(source: str, outputs: Any) -> PhyphoxSensor | None:
    if source not in _CHANNELS or not isinstance(outputs, Sequence):
        return None
    buffers: dict[str, str] = {}
    for output in outputs:
        if isinstance(output, Mapping):
            buffers |= {str(component): name for component, name in output.items() if isinstance(name, str)}
    stem, axes = _CHANNELS[source]
    wanted = [buffers.get(axis) or buffers.get(_COMPONENT.get(axis, "")) for axis in axes]
    time_buffer = buffers.get("t")
    if time_buffer is None or not all(wanted):
        return None
    return PhyphoxSensor(tuple(f"{stem}_{axis}" for axis in axes), time_buffer, tuple(filter(None, wanted)))

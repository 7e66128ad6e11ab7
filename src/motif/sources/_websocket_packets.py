"""What the Android app SensorServer sends: one JSON object a sample, on a clock that began when the phone started."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from motif.errors import ConfigError

__all__ = ["Sample", "parse_sample", "sensor_types", "sensor_url"]

_PREFIX = "android.sensor."
_XYZ = (0, 1, 2)
_CHANNELS = {
    "accelerometer": ("acc", _XYZ),  # Android's accelerometer feels gravity: it is the specific force
    "linear_acceleration": ("linear_acc", _XYZ),
    "gravity": ("gravity", _XYZ),
    "gyroscope": ("gyr", _XYZ),
    "magnetic_field": ("mag", _XYZ),
    "rotation_vector": ("quat", (3, 0, 1, 2)),
    "game_rotation_vector": ("quat", (3, 0, 1, 2)),
}
"""By Android's name of the sensor: ours, and which of its values are x y z or w x y z."""
_LARGEST = 1e6
_LATEST_NS = 2**62


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of one sensor."""

    channels: tuple[str, ...]
    stamp_ns: int
    """Nanoseconds since the phone started."""
    values: tuple[float, ...]
    quality: float
    """From Android's accuracy: 0 (unreliable) to 1 (high)."""


def parse_sample(message: str | bytes, default_type: str = "") -> Sample | None:
    """Return the sample a message holds, or None where it holds none that can be used.

    Parameters
    ----------
    message : str or bytes
        `{"accuracy": 3, "timestamp": 3925657519043709, "values": [0.3, -1.0, 10.0]}`; with `type` where several sensors
        share a connection.
    default_type : str
        The sensor of messages that do not say.
    """
    try:
        content = json.loads(message)
        sensor = content.get("type", default_type).removeprefix(_PREFIX)
        stem, order = _CHANNELS[sensor]
        stamp_ns, given, accuracy = content["timestamp"], content["values"], content.get("accuracy", 3)
        values = tuple(float(given[index]) for index in order)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    if type(stamp_ns) is not int or not 0 <= stamp_ns <= _LATEST_NS:
        return None
    if not all(math.isfinite(value) and abs(value) < _LARGEST for value in values):
        return None
    axes = "wxyz" if len(order) == 4 else "xyz"
    quality = min(max(accuracy, 0), 3) / 3 if type(accuracy) is int else 1.0
    return Sample(tuple(f"{stem}_{axis}" for axis in axes), stamp_ns, values, quality)


def sensor_url(address: str, sensors: Sequence[str]) -> str:
    """Return where these sensors are served.

    Parameters
    ----------
    address : str
        `ws://192.168.0.10:8080`, as the app shows it; one that has a path already stays as it is.
    sensors : sequence of str
        Android's names, with or without `android.sensor.` before them.

    Raises
    ------
    ConfigError
        The address is no `ws://` or `wss://` one, or a sensor is unknown.

    Examples
    --------
    >>> sensor_url("ws://192.168.0.10:8080", ["accelerometer"])
    'ws://192.168.0.10:8080/sensor/connect?type=android.sensor.accelerometer'
    """
    parts = urlsplit(address)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ConfigError(f"address {address!r} is no WebSocket; give one like ws://192.168.0.10:8080")
    if parts.path.strip("/"):
        return address
    names = [f"{_PREFIX}{sensor.removeprefix(_PREFIX)}" for sensor in sensors]
    unknown = sorted({name.removeprefix(_PREFIX) for name in names} - set(_CHANNELS))
    if unknown or not names:
        raise ConfigError(f"no sensor {', '.join(map(repr, unknown)) or 'named'}; there are {', '.join(_CHANNELS)}")
    base = address.rstrip("/")
    if len(names) == 1:
        return f"{base}/sensor/connect?type={names[0]}"
    return f"{base}/sensors/connect?types={quote(json.dumps(names, separators=(',', ':')))}"


def sensor_types(url: str) -> str:
    """Return the sensor of a connection that serves one; empty where messages say it themselves."""
    return parse_qs(urlsplit(url).query).get("type", [""])[0]

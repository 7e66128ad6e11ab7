"""Units and signs of Sensor Logger streams, brought to one convention.

Android's: specific force in m/s², flat with the screen up gravity is +9.81 on z; rad/s; µT. iOS gives acceleration and
gravity with the opposite sign on all axes, some of it in g, unless "Standardise Units & Frames" was on. Which it was
is measured where it can be (a gravity of length 1 is in g) and said by the metadata otherwise.

References
----------
Sensor Logger's COORDINATES.md, CROSSPLATFORM.md and UNITS.md, github.com/tszheichoi/awesome-sensor-logger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError
from motif.recordings._recording import Recording
from motif.recordings.readers._sensor_logger_files import Export, RawStream
from motif.signals import convert

__all__ = ["Platform", "platform_of", "standard_streams"]

_APPLE_ONLY = ("WristMotion", "Headphone")
_FORCES = ("Accelerometer", "AccelerometerUncalibrated", "TotalAcceleration", "Gravity")
_UNIT_OF_SENSOR = {
    **dict.fromkeys(_FORCES, "m/s²"),
    **dict.fromkeys(("Gyroscope", "GyroscopeUncalibrated"), "rad/s"),
    **dict.fromkeys(("Magnetometer", "MagnetometerUncalibrated"), "µT"),
}
_UNIT_OF_COLUMN = {"pressure": "hPa", "relativeAltitude": "m"} | dict.fromkeys(("roll", "pitch", "yaw"), "rad")
_IN_G = 3.0
"""A median length below this is a gravity of 1 g, above it one of 9.81 m/s²."""


@dataclass(frozen=True)
class Platform:
    """Whose convention a file follows, and how we know."""

    name: str
    """`android` or `ios`."""
    standardised: bool
    source: str


def platform_of(export: Export, said: str | None = None) -> Platform:
    """Decide the platform: what the caller says, the metadata, the sensors there are, at last the sign of Android.

    Raises
    ------
    ConfigError
        The caller says neither `android` nor `ios`.
    """
    if said is not None and said not in ("android", "ios"):
        raise ConfigError(f"platform={said!r} is unknown; want 'android' or 'ios'")
    standardised = export.metadata.get("standardisation", "").strip().lower() == "true"
    if said:
        return Platform(said, standardised, "the caller")
    named = export.metadata.get("platform", "").strip().lower()
    if named in ("android", "ios"):
        return Platform(named, standardised, "metadata")
    if "TotalAcceleration" in export.streams:
        return Platform("android", standardised, "TotalAcceleration, which iOS does not have")
    uncalibrated = export.streams.get("AccelerometerUncalibrated")
    if any(name in export.streams for name in _APPLE_ONLY) or (
        uncalibrated is not None and _length(uncalibrated, "xyz") < _IN_G
    ):
        return Platform("ios", standardised, "sensors or units that only iOS has")
    return Platform("android", standardised, "nothing: assumed")


def standard_streams(export: Export, platform: Platform) -> dict[str, Recording]:
    """Return each stream as a recording on its own clock, in standard units and signs."""
    return {name: _standard(name, stream, platform) for name, stream in export.streams.items()}


def _standard(name: str, stream: RawStream, platform: Platform) -> Recording:
    columns = dict(stream.columns)
    units = {column: _UNIT_OF_SENSOR.get(name, _UNIT_OF_COLUMN.get(column, "")) for column in columns}
    apple = platform.name == "ios" or name in _APPLE_ONLY
    sign = -1.0 if apple and not platform.standardised else 1.0
    notes = []
    for prefix in _force_prefixes(name):
        axes = [
            column
            for column in columns
            if column.startswith(prefix) and column[len(prefix) :].lower() in ("x", "y", "z")
        ]
        unit = _force_unit(name, prefix, stream, platform)
        for column in axes:
            columns[column] = sign * convert(columns[column], unit, "m/s²")
            units[column] = "m/s²"
        notes.append(f"{prefix}{' ' if prefix else ''}{'negated, ' if sign < 0 else ''}from {unit}")
    for column in columns:
        if column.startswith("rotationRate"):
            units[column] = "rad/s"
    order = sorted(columns, key=_axes_in_order)
    return Recording(
        values=np.column_stack([columns[column] for column in order]),
        time_ns=stream.time_ns,
        channels=tuple(order),
        units=tuple(units[column] for column in order),
        metadata={"conversion": "; ".join(notes)} if notes else {},
    )


def _force_prefixes(name: str) -> tuple[str, ...]:
    if name in _FORCES:
        return ("",)
    return ("gravity", "acceleration") if name in _APPLE_ONLY else ()


def _force_unit(name: str, prefix: str, stream: RawStream, platform: Platform) -> str:
    """Measure the unit where gravity is in it; without gravity, it is as documented."""
    if prefix == "gravity" or name in ("AccelerometerUncalibrated", "TotalAcceleration", "Gravity"):
        return (
            "g" if _length(stream, [f"{prefix}X", f"{prefix}Y", f"{prefix}Z"] if prefix else "xyz") < _IN_G else "m/s²"
        )
    if name == "WristMotion":
        return _force_unit(name, "gravity", stream, platform)
    return "g" if name == "Headphone" and not platform.standardised else "m/s²"


def _length(stream: RawStream, axes: str | list[str]) -> float:
    """Return the median length of a vector; infinite where it is not there."""
    if not all(axis in stream.columns for axis in axes) or not stream.time_ns.size:
        return np.inf
    squared: NDArray[np.float64] = np.sum([np.square(stream.columns[axis]) for axis in axes], axis=0)
    known = squared[np.isfinite(squared)]
    return float(np.sqrt(np.median(known))) if known.size else np.inf


def _axes_in_order(column: str) -> tuple[str, int]:
    """x, y, z and w, x, y, z in this order, whatever the file's is; other columns by name."""
    stem, axis = column[:-1], column[-1:].lower()
    return (stem, "wxyz".index(axis)) if axis and axis in "wxyz" else (column, 0)

"""Which channels the sensors of an export make: for each quantity, the first way to get it that they allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motif.recordings._recording import Recording

__all__ = ["Part", "parts_of", "unit_of", "values_of"]

_XYZ = ("x", "y", "z")


@dataclass(frozen=True)
class Part:
    """A few channels of the result: the sum of the same axes of one or two sensors."""

    channels: tuple[str, ...]
    sensors: tuple[str, ...]
    axes: tuple[tuple[str, ...], ...]
    """For each sensor its columns, as many as there are channels."""


def parts_of(streams: Mapping[str, Recording]) -> list[Part]:
    """Return what an export's streams make; with several devices the channels begin with `phone.`, `wrist.`, ….

    An empty list where no sensor is one of motion.
    """
    devices = {"phone": _phone(streams)} | {
        device: _wearable(sensor, streams) for device, sensor in (("wrist", "WristMotion"), ("headphone", "Headphone"))
    }
    present = {device: parts for device, parts in devices.items() if parts}
    if len(present) < 2:
        return [part for parts in present.values() for part in parts]
    return [
        replace(part, channels=tuple(f"{device}.{channel}" for channel in part.channels))
        for device, parts in present.items()
        for part in parts
    ]


def _phone(streams: Mapping[str, Recording]) -> list[Part]:
    """Choose, for each quantity, the first way to get it that the sensors allow."""
    q = ("qw", "qx", "qy", "qz")
    ways: list[list[tuple[str, tuple[str, ...], tuple[str, ...]]]] = [
        [
            ("acc", ("Accelerometer", "Gravity"), _XYZ),
            ("acc", ("TotalAcceleration",), _XYZ),
            ("acc", ("AccelerometerUncalibrated",), _XYZ),
            ("linear_acc", ("Accelerometer",), _XYZ),
        ],
        [("gyr", ("Gyroscope",), _XYZ), ("gyr", ("GyroscopeUncalibrated",), _XYZ)],
        [("mag", ("Magnetometer",), _XYZ), ("mag", ("MagnetometerUncalibrated",), _XYZ)],
        [("gravity", ("Gravity",), _XYZ)],
        [("quat", ("Orientation",), q)],
    ]
    parts = []
    for alternatives in ways:
        for stem, sensors, axes in alternatives:
            if all(sensor in streams and set(axes) <= set(streams[sensor].channels) for sensor in sensors):
                names = tuple(f"{stem}_{axis[-1]}" for axis in axes)
                parts.append(Part(names, sensors, (axes,) * len(sensors)))
                break
    return parts


def _wearable(sensor: str, streams: Mapping[str, Recording]) -> list[Part]:
    if sensor not in streams:
        return []
    have = set(streams[sensor].channels)

    def columns(stem: str, axes: str) -> tuple[str, ...]:
        return tuple(f"{stem}{axis}" for axis in axes)

    wanted = [
        ("acc", ("acceleration", "gravity"), "XYZ"),
        ("gyr", ("rotationRate",), "XYZ"),
        ("gravity", ("gravity",), "XYZ"),
        ("quat", ("quaternion",), "WXYZ"),
    ]
    return [
        Part(
            tuple(f"{stem}_{axis.lower()}" for axis in axes),
            (sensor,) * len(sources),
            tuple(columns(source, axes) for source in sources),
        )
        for stem, sources, axes in wanted
        if all(set(columns(source, axes)) <= have for source in sources)
    ]


def values_of(
    part: Part, streams: Mapping[str, Recording], aligned: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return (n_rows, n_channels of the part), from the streams' values on one grid; rotations of length 1."""
    pieces = [
        aligned[sensor][:, [streams[sensor].channels.index(axis) for axis in axes]]
        for sensor, axes in zip(part.sensors, part.axes, strict=True)
    ]
    total: NDArray[np.float64] = np.sum(pieces, axis=0)
    if len(part.channels) == 4:  # a straight line between two rotations is a little short of length 1
        length = np.linalg.norm(total, axis=1, keepdims=True)
        total = np.divide(total, length, out=np.full_like(total, np.nan), where=length > 0)
    return total


def unit_of(channel: str) -> str:
    """Return the unit of a channel that `parts_of` named."""
    stem = channel.rpartition(".")[2].rpartition("_")[0]
    return {"gyr": "rad/s", "mag": "µT", "quat": ""}.get(stem, "m/s²")

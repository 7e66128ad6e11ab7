"""What Sensor Logger calls its sensors, and which channels they become.

References
----------
"Data Structures" and UNITS.md, github.com/tszheichoi/awesome-sensor-logger.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["WEARABLES", "Sensor", "plain_name", "sensor_for"]

_XYZ = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor's columns."""

    stem: str
    keys: tuple[str, ...] = _XYZ
    """Names in `values`, in the order of the channels."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Channel names, after motif's custom."""
        return _channels(self.stem, self.keys)


@lru_cache(maxsize=256)
def _channels(stem: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{stem}_{key[-1]}" for key in keys)


_FIRST_CHOICE = {
    "accelerometer": Sensor("linear_acc"),
    "gravity": Sensor("gravity"),
    "gyroscope": Sensor("gyr"),
    "magnetometer": Sensor("mag"),
    "orientation": Sensor("quat", ("qw", "qx", "qy", "qz")),
}
_ELSE: dict[str, tuple[str, tuple[set[str], ...]]] = {
    "totalacceleration": ("acc", ({"accelerometer", "gravity"},)),
    "accelerometeruncalibrated": ("acc", ({"accelerometer", "gravity"}, {"totalacceleration"})),
    "gyroscopeuncalibrated": ("gyr", ({"gyroscope"},)),
    "magnetometeruncalibrated": ("mag", ({"magnetometer"},)),
}
"""What serves as a stem where none of the better sets of sensors is there."""
WEARABLES = {"wristmotion": "wrist", "headphone": "headphone"}
"""Sensors that are devices of their own."""


def plain_name(name: str) -> str:
    """Return a sensor's name without the spaces and capitals that differ between versions: `wristmotion`."""
    return name.replace(" ", "").replace("_", "").lower()


def sensor_for(plain: str, present: Collection[str]) -> Sensor | None:
    """Return the columns of a phone's sensor, or None for one we do not know.

    `present` are the plain names of all sensors of the device. Uncalibrated ones serve where the better ones are
    missing; beside them they keep a name of their own, so that no channel has two sources.
    """
    if plain in _FIRST_CHOICE:
        return _FIRST_CHOICE[plain]
    if plain not in _ELSE:
        return None
    stem, better = _ELSE[plain]
    return Sensor(plain if any(names <= set(present) for names in better) else stem)

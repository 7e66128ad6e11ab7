"""A reading as callers have it, mapping or object, made `Readings`: what it measured by the names people use."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import InputError
from motif.recordings import Readings

__all__ = ["LARGEST", "readings_of"]

_AXES = ("x", "y", "z")
_EITHER = ("accelerometer", "acceleration", "acc", "accel")
"""With gravity beside it, phones mean acceleration without gravity by this; alone, what the sensor feels."""
_QUANTITIES: dict[str, tuple[str, ...]] = {
    "linear_acc": ("linear_acc", "linear_acceleration", "user_acceleration", "userAcceleration"),
    "acc": ("total_acceleration", "totalacceleration", "specific_force", "acceleration_including_gravity"),
    "gravity": ("gravity",),
    "gyr": ("gyr", "gyro", "gyroscope", "rotation_rate", "rotationRate", "angular_velocity"),
    "mag": ("mag", "magnetometer", "magnetic_field"),
}
_SHORT = {"ax": ("acc", 0), "ay": ("acc", 1), "az": ("acc", 2), "gx": ("gyr", 0), "gy": ("gyr", 1), "gz": ("gyr", 2)}
_TIMES = ("time_ns", "timestamp_ns", "time", "timestamp")
LARGEST = {"acc": 314.0, "linear_acc": 314.0, "gravity": 30.0, "gyr": 70.0, "mag": 5000.0}
"""m/s², rad/s, µT: beyond what a phone's sensors can read (32 g, 4000 °/s, 5 mT)."""


def readings_of(given: object, *, now_ns: Callable[[], int] = time.time_ns) -> Readings:
    """Return what `given` measured.

    Parameters
    ----------
    given : Readings, mapping or object
        With keys or attributes such as `accelerometer`, `gyroscope`, `gravity`, each `(x, y, z)`, a mapping or an
        object with `x`, `y`, `z`; or flat, `gyro_x`, `gx`; or one of Sensor Logger's `{"name", "time", "values"}`.
        `readings` of an object are taken as they are. m/s², rad/s, µT; signs of Android.
    now_ns : callable
        The time where `given` has none.

    Raises
    ------
    InputError
        There is no motion in it, or what it holds are no numbers, or numbers that no sensor gives.
    """
    if isinstance(given, Readings):
        return _possible(given)
    inner = getattr(given, "readings", None)
    if isinstance(inner, Readings):
        return _possible(inner)
    fields = given if isinstance(given, Mapping) else _Attributes(given)
    if "name" in fields and "values" in fields:
        fields = {str(fields["name"]): fields["values"], "time": fields.get("time")}
    try:
        measured = _measured(fields)
        time_ns = _time_ns(fields, now_ns)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a reading holds what is no number ({error}); want metres, seconds and radians") from error
    if not measured:
        raise InputError("a reading holds no motion; want accelerometer, gyroscope, gravity or magnetometer")
    channels = tuple(f"{stem}_{axis}" for stem in measured for axis in _AXES)
    device = fields.get("device") or fields.get("device_id") or "phone"
    return _possible(Readings.of(str(device), channels, time_ns, np.concatenate(list(measured.values()))))


class _Attributes(Mapping[str, Any]):
    """An object's attributes, looked at as a mapping."""

    def __init__(self, given: object) -> None:
        self._given = given

    def __getitem__(self, key: str) -> Any:
        try:
            return getattr(self._given, key)
        except AttributeError:
            raise KeyError(key) from None

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def _measured(fields: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    found = {stem: values for stem, names in _QUANTITIES.items() if (values := _first(fields, names)) is not None}
    if (values := _first(fields, _EITHER)) is not None:
        found.setdefault("linear_acc" if "gravity" in found else "acc", values)
    for name, (stem, axis) in _SHORT.items():
        if (value := fields.get(name)) is not None:
            found.setdefault(stem, np.full(3, np.nan))[axis] = float(value)
    return {stem: found[stem] for stem in LARGEST if stem in found}


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> NDArray[np.float64] | None:
    for name in names:
        if (value := fields.get(name)) is not None:
            return _vector(value)
        flat = [fields.get(f"{name}_{axis}") for axis in _AXES]
        if any(value is not None for value in flat):
            return np.array([np.nan if value is None else float(value) for value in flat])
    return None


def _vector(value: Any) -> NDArray[np.float64]:
    if isinstance(value, Mapping):
        value = [value.get(axis, np.nan) for axis in _AXES]
    elif all(hasattr(value, axis) for axis in _AXES):
        value = [getattr(value, axis) for axis in _AXES]
    vector = np.asarray(value, dtype=np.float64)
    if vector.shape != (3,):
        raise ValueError(f"a vector of shape {vector.shape}; want x, y, z")
    return vector


def _time_ns(fields: Mapping[str, Any], now_ns: Callable[[], int]) -> int:
    for name in _TIMES:
        value = fields.get(name)
        if value is None:
            continue
        if isinstance(value, int) and not isinstance(value, bool) and (name.endswith("_ns") or abs(value) > 10**15):
            return value
        number = float(value)
        whole, part = divmod(number, 1)  # apart, as a float of nanoseconds would round to 256 of them
        scale = 10**6 if abs(number) > 1e11 else 10**9  # no second is later than the year 5138: milliseconds
        return int(whole) * scale + round(part * scale)
    return now_ns()


def _possible(readings: Readings) -> Readings:
    if not readings.n_samples or bool(np.isnan(readings.values).all()):
        raise InputError("a reading without a value; is the sensor's permission off?")
    for column, channel in enumerate(readings.channels):
        largest = LARGEST.get(channel.rpartition("_")[0])
        if largest is not None and bool((np.abs(readings.values[:, column]) > largest).any()):
            raise InputError(f"{channel} is beyond ±{largest:g}, what no phone's sensor can read; is it another unit?")
    return readings

"""From raw motion to `SensorFeatures`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_numbers
from motif.errors import ColumnError, ConfigError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.templates._sensor_features import SensorFeatures, Vector

__all__ = ["sensor_features"]

_FEWEST_SAMPLES = 4
_STILL = 1e-9
_REVERSAL_SHARE = 0.25
"""A turn counts when the movement swings past this share of its peak on the other side; noise does not."""


def sensor_features(window: ArrayLike, rate_hz: float, channels: Sequence[str]) -> SensorFeatures:
    """Return the physical features of one sample of a gesture.

    Parameters
    ----------
    window : (n_samples, n_channels), m/s² and rad/s
        From the gesture's start to its end, without gaps.
    rate_hz : float
        Samples per second.
    channels : n_channels names
        `linear_acc_x`, `_y`, `_z`, or `acc_…` with gravity (its mean is taken for gravity), `gyr_…`; others are passed
        over.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError, TooFewSamplesError, ConfigError
        The window is not such an array, holds gaps, or is shorter than four samples.
    ColumnError
        There is neither acceleration nor angular rate.

    Examples
    --------
    >>> time_s = np.arange(100) / 100
    >>> turn = np.column_stack([0 * time_s, 0 * time_s, 3 * np.sin(np.pi * time_s)])
    >>> features = sensor_features(turn, 100.0, ("gyr_x", "gyr_y", "gyr_z"))
    >>> round(features.gyr_peak, 2), features.gyro_direction, features.n_reversals
    (3.0, (0.0, 0.0, 1.0), 0.0)
    """
    values = _checked(window, rate_hz, channels)
    names = {name: place for place, name in enumerate(channels)}
    force, linear, rate = (_triad(values, names, kind) for kind in ("acc", "linear_acc", "gyr"))
    acceleration = linear if linear is not None else None if force is None else force - force.mean(axis=0)
    main = acceleration if acceleration is not None else rate
    if main is None:
        raise ColumnError("acc_x, linear_acc_x or gyr_x, with _y and _z", have=tuple(channels))
    found: dict[str, Any] = {"duration_s": len(values) / rate_hz} | _course(main, rate_hz)
    if acceleration is not None:
        found |= _sizes("acc", acceleration, rate_hz) | _jerk(acceleration, rate_hz)
        found["acc_direction"] = _direction(acceleration[: _half_energy(acceleration)])
    if force is not None:
        found["gravity_direction"] = _unit(force.mean(axis=0))
    if rate is not None:
        found |= _sizes("gyr", rate, rate_hz)
        found["rotation"] = float(np.linalg.norm(rate, axis=1).sum() / rate_hz)
        found["gyro_direction"] = _direction(rate)
    return SensorFeatures(**found)


def _checked(window: ArrayLike, rate_hz: float, channels: Sequence[str]) -> NDArray[np.float64]:
    array = as_numbers(window, "window")
    if array.ndim != 2 or array.shape[1] != len(channels):
        raise ShapeError("window", got=array.shape, want=f"(n_samples, {len(channels)} channels)")
    if len(array) < _FEWEST_SAMPLES:
        raise TooFewSamplesError(f"a window of {len(array)} samples has no features; want {_FEWEST_SAMPLES} or more")
    if not (rate_hz > 0 and np.isfinite(rate_hz)):
        raise ConfigError(f"rate_hz is {rate_hz}; want samples per second, above 0")
    values = array.astype(np.float64)
    finite = np.abs(values) < 1e30
    if not finite.all():
        raise NotFiniteError.of("window", ~finite)
    return values


def _triad(values: NDArray[np.float64], names: dict[str, int], kind: str) -> NDArray[np.float64] | None:
    axes = [f"{kind}_{axis}" for axis in "xyz"]
    return values[:, [names[axis] for axis in axes]] if all(axis in names for axis in axes) else None


def _course(motion: NDArray[np.float64], rate_hz: float) -> dict[str, float]:
    """What happens when: the peak, the moving part, the turns, the rhythm."""
    size = np.linalg.norm(motion, axis=1)
    peak = float(size.max())
    if peak <= _STILL:
        return {"moving_s": 0.0, "time_of_peak": 0.0, "n_reversals": 0.0, "dominant_frequency_hz": 0.0}
    return {
        "moving_s": float((size > 0.25 * peak).sum() / rate_hz),
        "time_of_peak": float(size.argmax() / (len(size) - 1)),
        "n_reversals": float(_reversals(motion)),
        "dominant_frequency_hz": _dominant_frequency(motion, rate_hz),
    }


def _reversals(motion: NDArray[np.float64]) -> int:
    _, axes = np.linalg.eigh(motion.T @ motion)
    along = motion @ axes[:, -1]
    far = along[np.abs(along) > _REVERSAL_SHARE * np.abs(along).max()]
    return int((np.sign(far[1:]) != np.sign(far[:-1])).sum())


def _dominant_frequency(motion: NDArray[np.float64], rate_hz: float) -> float:
    taper = np.hanning(len(motion) + 2)[1:-1, None]
    power = (np.abs(np.fft.rfft((motion - motion.mean(axis=0)) * taper, axis=0)) ** 2).sum(axis=1)
    return float((power[1:].argmax() + 1) * rate_hz / len(motion)) if power[1:].max() > _STILL else 0.0


def _sizes(kind: str, motion: NDArray[np.float64], rate_hz: float) -> dict[str, Any]:
    size = np.linalg.norm(motion, axis=1)
    energy = (motion * motion).sum(axis=0)
    total = float(energy.sum())
    shares = energy / total if total > _STILL else np.zeros(3)
    return {
        f"{kind}_peak": float(size.max()),
        f"{kind}_mean": float(size.mean()),
        f"{kind}_rms": float(np.sqrt((size * size).mean())),
        f"{kind}_energy": total / rate_hz,
        f"{kind}_axis_shares": _vector(shares),
    }


def _jerk(acceleration: NDArray[np.float64], rate_hz: float) -> dict[str, float]:
    size = np.linalg.norm(np.diff(acceleration, axis=0), axis=1) * rate_hz
    return {"jerk_mean": float(size.mean()), "jerk_peak": float(size.max())}


def _half_energy(motion: NDArray[np.float64]) -> int:
    """Return how many samples hold the first half of the energy; all of them when still."""
    energy = np.cumsum((motion * motion).sum(axis=1))
    return int(np.searchsorted(energy, 0.5 * energy[-1])) + 1 if energy[-1] > _STILL else len(motion)


def _direction(motion: NDArray[np.float64]) -> Vector:
    size = float(np.linalg.norm(motion, axis=1).mean())
    return _vector(motion.mean(axis=0) / size) if size > _STILL else (0.0, 0.0, 0.0)


def _unit(vector: NDArray[np.float64]) -> Vector:
    size = float(np.linalg.norm(vector))
    return _vector(vector / size) if size > _STILL else (0.0, 0.0, 0.0)


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z

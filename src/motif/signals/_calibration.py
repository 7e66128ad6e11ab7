"""Bias, scale and sign of an accelerometer, from the moments in which it lay still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_vectors, require_positive
from motif.errors import InputError, TooFewSamplesError
from motif.signals._gaps import incomplete
from motif.signals._still import still_stretches
from motif.signals._units import STANDARD_GRAVITY

__all__ = ["AccelerometerCalibration", "calibrate_accelerometer", "flat_sign"]

_LEAST_SPREAD = 0.1  # six sides give 0.58, random orientations 0.37, one side 0
_LARGEST_BIAS, _LARGEST_SCALE = 3.0, 0.2  # m/s², and off one: beyond, these are other units


@dataclass(frozen=True, slots=True)
class AccelerometerCalibration:
    """What makes an accelerometer read gravity alike on all sides: `(acceleration - bias) * scale`."""

    bias: tuple[float, float, float]
    """m/s²"""
    scale: tuple[float, float, float]
    residual: float
    """m/s²: how far the calibrated rests are from gravity still, root mean square."""

    def apply(self, acceleration: ArrayLike) -> NDArray[np.float64]:
        """Return (n_samples, 3) calibrated, in m/s².

        Raises
        ------
        ShapeError
            `acceleration` is not (n_samples, 3).
        """
        columns = as_vectors(acceleration, "acceleration")
        return np.asarray((columns - self.bias) * self.scale, dtype=np.float64)


def calibrate_accelerometer(
    acceleration: ArrayLike, rate_hz: float, *, max_deviation: float = 0.1, min_s: float = 1.0
) -> AccelerometerCalibration:
    """Fit bias and scale of each axis, so that gravity is 9.80665 m/s² long wherever the sensor lay still.

    Gravity itself differs by up to 0.3 % between places on earth; the scale carries that.

    Parameters
    ----------
    acceleration : (n_samples, 3), m/s²
        With gravity, evenly sampled, of a sensor that was laid on each of its six sides, or in as many other ways.
    rate_hz : float
    max_deviation : float, m/s²
    min_s : float
        What counts as still, see `still_stretches`.

    Raises
    ------
    ShapeError, ConfigError
        Another shape, a setting that is not above 0.
    TooFewSamplesError
        The sensor lay in too few ways to tell bias from scale.
    InputError
        The fit is so far off that this is no acceleration with gravity in m/s².

    References
    ----------
    Frosio, Pedersini and Borghese (2009), "Autocalibration of MEMS accelerometers", the model of six parameters.

    Examples
    --------
    >>> sides = np.vstack([np.eye(3), -np.eye(3)]) * 9.80665 + [0.2, 0.0, -0.1]
    >>> calibrate_accelerometer(np.repeat(sides, 200, axis=0), 100).bias
    (0.2, 0.0, -0.1)
    """
    from scipy.optimize import least_squares

    acc = as_vectors(acceleration, "acceleration")
    still = still_stretches(acc, rate_hz, max_deviation=max_deviation, min_s=min_s)
    rests = np.array([acc[start:stop].mean(axis=0) for start, stop in still]).reshape(-1, 3)
    _require_spread(rests)

    def off(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        length = np.linalg.norm((rests - parameters[:3]) * parameters[3:], axis=1)
        return np.asarray(length - STANDARD_GRAVITY, dtype=np.float64)

    fit = least_squares(off, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0], x_scale=[1.0] * 3 + [0.1] * 3)
    bias, scale = fit.x[:3].round(9), fit.x[3:].round(9)
    if abs(bias).max() > _LARGEST_BIAS or abs(scale - 1).max() > _LARGEST_SCALE:
        raise InputError(
            f"bias {bias.round(3).tolist()} m/s² and scale {scale.round(3).tolist()} cannot be; "
            "want acceleration with gravity, in m/s² (motif.signals.convert)"
        )
    residual = float(np.sqrt(np.mean(fit.fun**2)))
    return AccelerometerCalibration(_triple(bias + 0.0), _triple(scale), residual)


def _require_spread(rests: NDArray[np.float64]) -> None:
    """Refuse orientations that cannot tell six parameters apart."""
    length = np.linalg.norm(rests, axis=1, keepdims=True)
    directions = rests / np.where(length > 0, length, 1.0)
    effect = np.hstack([directions, directions**2])  # of each bias and each scale on the length
    spread = np.linalg.svd(effect, compute_uv=False)[-1] / np.sqrt(len(rests)) if len(rests) >= 6 else 0.0
    if spread < _LEAST_SPREAD:
        raise TooFewSamplesError(
            f"the sensor lay still {len(rests)} times, in ways too alike to calibrate; "
            "lay it on each of its six sides, a second or more each, and move it between"
        )


def _triple(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = vector.tolist()
    return x, y, z


def flat_sign(gravity: ArrayLike, rate_hz: float) -> Literal[1, -1]:
    """Tell which sign a phone gives to gravity: 1 as Android does, -1 as iOS does.

    Parameters
    ----------
    gravity : (n_samples, 3), m/s² or g
        Gravity, or acceleration with gravity, of at least two seconds in which the phone lay flat, screen up. Where
        the answer is -1, multiply acceleration and gravity by it, on all axes; the gyroscope is the same on both.
    rate_hz : float

    Raises
    ------
    ShapeError, ConfigError
        Another shape, a rate that is not above 0.
    TooFewSamplesError
        There are not two seconds of samples.
    InputError
        The phone moved, was not flat, or the readings hold no gravity.

    References
    ----------
    Sensor Logger, COORDINATES.md; Android, "Sensor coordinate system"; Apple, "CMAccelerometerData".

    Examples
    --------
    >>> flat_sign(np.tile([0.01, 0.02, -1.0], (200, 1)), 100)
    -1
    """
    readings = as_vectors(gravity, "gravity")
    require_positive("rate_hz", rate_hz)
    readings = readings[~incomplete(readings)]
    if len(readings) < 2 * rate_hz:
        raise TooFewSamplesError(
            f"{len(readings)} samples at {rate_hz} Hz are short of 2 s; leave the phone flat longer"
        )
    mean = readings.mean(axis=0)
    length = float(np.linalg.norm(mean))
    deviation = float(readings.std(axis=0).max())
    if deviation >= 0.05 * length:
        raise InputError(
            f"readings stray by {deviation:.3g} around a mean of length {length:.3g}: the phone moved, "
            "or gravity is not in them; lay it flat and still, and pass gravity or total acceleration"
        )
    if abs(mean[2]) < 0.94 * length:  # 20 degrees
        raise InputError(f"gravity is {mean.round(3).tolist()}: the phone is not flat; lay it on a table, screen up")
    return 1 if mean[2] > 0 else -1

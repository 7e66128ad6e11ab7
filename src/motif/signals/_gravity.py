"""Gravity in what an accelerometer reads: its direction, its share, and what is left without it.

Acceleration is specific force as Android gives it: a sensor at rest reads +9.81 m/s² upward.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_vectors
from motif.signals._filters import CausalFilter, slow_part
from motif.signals._orientation import OrientationFilter, orientation
from motif.signals._rotate import rotate
from motif.signals._units import STANDARD_GRAVITY

__all__ = ["gravity", "linear_acceleration", "tilt"]

_GRAVITY_HZ = 0.3  # limbs swing faster than this; posture changes slower
_UP = np.array([0.0, 0.0, STANDARD_GRAVITY])


def tilt(acceleration: ArrayLike) -> NDArray[np.float64]:
    """Return roll and pitch from the direction of gravity.

    Parameters
    ----------
    acceleration : (n_samples, 3), m/s²
        Specific force in the sensor frame, axes as in REP-103 (x forward, y left, z up); (0, 0, 9.81) when flat and
        still.

    Returns
    -------
    (n_samples, 2), rad
        Roll in [-π, π], pitch in [-π/2, π/2]. An accelerometer cannot see yaw.

    Raises
    ------
    ShapeError
        `acceleration` is not (n_samples, 3).

    References
    ----------
    NXP AN3461, "Tilt Sensing Using a Three-Axis Accelerometer".

    Examples
    --------
    >>> tilt(np.array([[-9.81, 0.0, 0.0]])).round(2)  # nose down
    array([[0.  , 1.57]])
    """
    x, y, z = as_vectors(acceleration, "acceleration").T
    pitch = np.arctan2(-x, np.hypot(y, z))  # not arcsin(-x / g), which is nan when a reading exceeds 1 g
    return np.column_stack([np.arctan2(y, z), pitch])


def gravity(
    acceleration: ArrayLike, rate_hz: float, angular_rate: ArrayLike | None = None, *, causal: bool = False
) -> NDArray[np.float64]:
    """Return gravity in the sensor's frame.

    Parameters
    ----------
    acceleration : (n_samples, 3), m/s²
        With gravity, evenly sampled; NaN marks a gap.
    rate_hz : float
    angular_rate : (n_samples, 3), rad/s, optional
        With it the orientation is followed and gravity is 9.80665 m/s² long. Without it gravity is what changes
        slower than 0.3 Hz in the acceleration, which a quick turn of the sensor deceives.
    causal : bool
        Look at the past alone, as a live stream must.

    Returns
    -------
    (n_samples, 3), m/s²
        NaN where one of the inputs has it.

    Raises
    ------
    ShapeError
        The arrays are not of three columns and one length.
    ConfigError
        The rate is not above 0.6 Hz.

    References
    ----------
    With a gyroscope: Laidig and Seel (2023), "VQF". Without: van Hees et al. (2013), "Separating movement and
    gravity components in an acceleration signal", PLOS ONE 8(4), which compares such filters.

    Examples
    --------
    >>> gravity(np.tile([0.0, 0.0, 9.7], (5, 1)), 100).round(3)[0]
    array([0. , 0. , 9.7])
    """
    acc = as_vectors(acceleration, "acceleration")
    if angular_rate is None:
        if causal:
            return CausalFilter(rate_hz, high_hz=_GRAVITY_HZ).step(acc)
        return slow_part(acc, rate_hz, _GRAVITY_HZ)
    turns = OrientationFilter(rate_hz).step(acc, angular_rate) if causal else orientation(acc, angular_rate, rate_hz)
    return rotate(np.broadcast_to(_UP, acc.shape), turns, inverse=True)


def linear_acceleration(
    acceleration: ArrayLike, rate_hz: float, angular_rate: ArrayLike | None = None, *, causal: bool = False
) -> NDArray[np.float64]:
    """Return acceleration without gravity, in the sensor's frame: what moves the sensor.

    Parameters are those of `gravity`, and so are the errors. A sensor at rest gives zero up to its own bias and
    scale; see `calibrate_accelerometer`.

    Returns
    -------
    (n_samples, 3), m/s²

    Examples
    --------
    >>> abs(linear_acceleration(np.tile([0.0, 0.0, 9.80665], (50, 1)), 100, np.zeros((50, 3)))).max() < 1e-3
    np.True_
    """
    return as_vectors(acceleration, "acceleration") - gravity(acceleration, rate_hz, angular_rate, causal=causal)

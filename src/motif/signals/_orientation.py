"""How a sensor is turned.

Quaternions are (w, x, y, z), of unit length, and turn a vector from the sensor's frame to the earth's: z up; with a
magnetometer x is east and y magnetic north, without one the heading is arbitrary and drifts slowly. Acceleration is
specific force as Android gives it: a sensor at rest reads +9.81 m/s² upward.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_vectors, require_positive
from motif.signals._gaps import incomplete, stretches

__all__ = ["OrientationFilter", "orientation"]


class OrientationFilter:
    """Orientation of a live stream: it looks at the past alone, and chunk size is invisible.

    Parameters
    ----------
    rate_hz : float
        Rate of the stream, evenly sampled.

    Raises
    ------
    ConfigError
        The rate is not above 0.

    References
    ----------
    Laidig and Seel (2023), "VQF: Highly accurate IMU orientation estimation with bias estimation and magnetic
    disturbance rejection", Information Fusion 91.

    Examples
    --------
    >>> live = OrientationFilter(100)
    >>> live.step([[0.0, 0.0, 9.81]], [[0.0, 0.0, 0.0]])
    array([[1., 0., 0., 0.]])
    """

    def __init__(self, rate_hz: float) -> None:
        from vqf import VQF

        require_positive("rate_hz", rate_hz)
        self._filter = VQF(1 / rate_hz)

    def reset(self) -> None:
        """Forget the past."""
        self._filter.resetState()

    def step(
        self, acceleration: ArrayLike, angular_rate: ArrayLike, magnetic_field: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """Follow the next samples.

        Parameters
        ----------
        acceleration : (n_samples, 3), m/s²
            With gravity. NaN marks a gap: the orientation from before it is carried on after it, and gravity mends
            the tilt within seconds.
        angular_rate : (n_samples, 3), rad/s
        magnetic_field : (n_samples, 3), optional
            In any unit. Give it always or never.

        Returns
        -------
        (n_samples, 4)
            NaN where one of the inputs has it.

        Raises
        ------
        ShapeError
            The arrays are not of three columns and one length.
        """
        readings = _readings(acceleration, angular_rate, magnetic_field)
        result = np.full((len(readings[0]), 4), np.nan)
        for start, stop in stretches(_complete(readings)):
            result[start:stop] = _last_estimate(self._filter.updateBatch(*_cut(readings, start, stop)))
        return result


def orientation(
    acceleration: ArrayLike,
    angular_rate: ArrayLike,
    rate_hz: float,
    magnetic_field: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return the orientation at each sample of a recording, from the past and the future of it.

    Parameters
    ----------
    acceleration : (n_samples, 3), m/s²
        With gravity, evenly sampled; NaN marks a gap. Each gap-free stretch is followed for itself: without a
        magnetometer its heading begins anew.
    angular_rate : (n_samples, 3), rad/s
    rate_hz : float
    magnetic_field : (n_samples, 3), optional
        In any unit; makes the heading a compass course.

    Returns
    -------
    (n_samples, 4)
        Quaternions (w, x, y, z) from sensor to earth; NaN where one of the inputs has it.

    Raises
    ------
    ShapeError
        The arrays are not of three columns and one length.
    ConfigError
        The rate is not above 0.

    References
    ----------
    Laidig and Seel (2023), "VQF", Information Fusion 91, its offline variant.

    Examples
    --------
    >>> orientation(np.tile([0.0, 0.0, 9.81], (3, 1)), np.zeros((3, 3)), 100).round(6)
    array([[1., 0., 0., 0.],
           [1., 0., 0., 0.],
           [1., 0., 0., 0.]])
    """
    from vqf import offlineVQF

    require_positive("rate_hz", rate_hz)
    readings = _readings(acceleration, angular_rate, magnetic_field)
    result = np.full((len(readings[0]), 4), np.nan)
    for start, stop in stretches(_complete(readings)):
        gyr, acc, *mag = _cut(readings, start, stop)
        result[start:stop] = _last_estimate(offlineVQF(gyr, acc, mag[0] if mag else None, 1 / rate_hz, None))
    return result


def _readings(
    acceleration: ArrayLike, angular_rate: ArrayLike, magnetic_field: ArrayLike | None
) -> list[NDArray[np.float64]]:
    """Return gyroscope, accelerometer and perhaps magnetometer, as VQF wants them."""
    acc = as_vectors(acceleration, "acceleration")
    gyr = as_vectors(angular_rate, "angular_rate", len(acc))
    return [gyr, acc] if magnetic_field is None else [gyr, acc, as_vectors(magnetic_field, "magnetic_field", len(acc))]


def _complete(readings: list[NDArray[np.float64]]) -> NDArray[np.bool_]:
    return ~incomplete(np.hstack(readings))


def _cut(readings: list[NDArray[np.float64]], start: int, stop: int) -> list[NDArray[np.float64]]:
    return [np.ascontiguousarray(reading[start:stop]) for reading in readings]


def _last_estimate(estimates: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    return estimates["quat9D"] if "quat9D" in estimates else estimates["quat6D"]

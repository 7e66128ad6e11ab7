"""What a sensor feels on a path, in its own frame: specific force, angular rate and the Earth's magnetic field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from motif.errors import ShapeError, TooFewSamplesError

__all__ = ["GRAVITY_M_S2", "angular_rate", "earth_field", "specific_force"]

GRAVITY_M_S2 = 9.81
"""Length of gravity's pull, m/s²; it points down, along -z of the world."""


def specific_force(position: NDArray[np.float64], orientation: Rotation, rate_hz: float) -> NDArray[np.float64]:
    """Return what an ideal accelerometer reads along a path: f = Rᵀ(a - g).

    The acceleration is the second central difference, so summing twice gives the path back exactly; both ends repeat
    their neighbour.

    Parameters
    ----------
    position : (n_samples, 3), m
        In the world, z up.
    orientation : n_samples rotations
        From the sensor's frame to the world's.
    rate_hz : float
        Samples per second.

    Returns
    -------
    (n_samples, 3), m/s²
        (0, 0, 9.81) when flat and still.

    Raises
    ------
    ShapeError
        `position` is not (n_samples, 3) with one rotation a sample.
    TooFewSamplesError
        There are fewer than three samples.

    References
    ----------
    Titterton & Weston (2004), Strapdown Inertial Navigation Technology, 2nd ed., ch. 3.

    Examples
    --------
    >>> specific_force(np.zeros((3, 3)), Rotation.identity(3), 100.0)[0].tolist()
    [0.0, 0.0, 9.81]
    """
    _check_path(position, orientation)
    acceleration = np.empty_like(position)
    acceleration[1:-1] = np.diff(position, 2, axis=0) * rate_hz**2
    acceleration[0], acceleration[-1] = acceleration[1], acceleration[-2]
    acceleration[:, 2] += GRAVITY_M_S2
    return np.asarray(orientation.inv().apply(acceleration), dtype=np.float64)


def angular_rate(orientation: Rotation, rate_hz: float) -> NDArray[np.float64]:
    """Return what an ideal gyroscope reads: the turning between the samples before and after, in the sensor's frame.

    Parameters
    ----------
    orientation : n_samples rotations
        From the sensor's frame to the world's.
    rate_hz : float
        Samples per second.

    Returns
    -------
    (n_samples, 3), rad/s

    Raises
    ------
    TooFewSamplesError
        There are fewer than three samples.
    """
    n_samples = len(orientation)
    if n_samples < 3:
        raise TooFewSamplesError(f"a path of {n_samples} samples has no rate of turn; give three or more")
    rate = np.empty((n_samples, 3))
    rate[1:-1] = (orientation[:-2].inv() * orientation[2:]).as_rotvec() * (rate_hz / 2)
    rate[0] = (orientation[0].inv() * orientation[1]).as_rotvec() * rate_hz
    rate[-1] = (orientation[-2].inv() * orientation[-1]).as_rotvec() * rate_hz
    return rate


def earth_field(
    orientation: Rotation, *, strength_ut: float = 48.0, inclination_deg: float = 65.0
) -> NDArray[np.float64]:
    """Return what an ideal magnetometer reads where x of the world points to magnetic north.

    Parameters
    ----------
    orientation : n_samples rotations
        From the sensor's frame to the world's.
    strength_ut : float
        Strength of the field, µT; 25 to 65 on Earth.
    inclination_deg : float
        How far the field dips below the horizon, degrees.

    Returns
    -------
    (n_samples, 3), µT

    References
    ----------
    Alken et al. (2021), "International Geomagnetic Reference Field: the thirteenth generation", Earth Planets Space 73.
    """
    dip = np.radians(inclination_deg)
    field = strength_ut * np.array([np.cos(dip), 0.0, -np.sin(dip)])
    return np.asarray(orientation.inv().apply(field), dtype=np.float64)


def _check_path(position: NDArray[np.float64], orientation: Rotation) -> None:
    if position.ndim != 2 or position.shape[1] != 3 or len(position) != len(orientation):
        raise ShapeError("position", got=position.shape, want=f"({len(orientation)}, 3), a rotation for each sample")
    if len(position) < 3:
        raise TooFewSamplesError(f"a path of {len(position)} samples has no acceleration; give three or more")

"""What a real sensor makes of the truth: bias, drift, scale error, noise, a full scale and steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, NonNegativeFloat, PositiveFloat
from pydantic.dataclasses import dataclass

from motif.recordings.simulator._physics import GRAVITY_M_S2

__all__ = ["IDEAL", "PHONE_ACCELEROMETER", "PHONE_GYROSCOPE", "PHONE_MAGNETOMETER", "SensorModel", "sense"]


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", use_attribute_docstrings=True))
class SensorModel:
    """Errors of a three-axis sensor, in its own unit. The default has none."""

    noise_density: NonNegativeFloat = 0.0
    """White noise, unit/√Hz."""
    bias_std: NonNegativeFloat = 0.0
    """Spread of the constant offset between devices, unit."""
    bias_walk: NonNegativeFloat = 0.0
    """Random walk of the offset, unit/√s."""
    scale_error_std: NonNegativeFloat = 0.0
    """Spread of each axis' gain around one."""
    full_scale: PositiveFloat | None = None
    """Readings never exceed this, unit; `None` where there is no limit."""
    step: NonNegativeFloat = 0.0
    """Smallest difference between two readings, unit; 0 for a continuous reading."""


IDEAL = SensorModel()
"""A sensor without errors."""
PHONE_ACCELEROMETER = SensorModel(
    noise_density=0.002,
    bias_std=0.1,
    bias_walk=0.001,
    scale_error_std=0.01,
    full_scale=8 * GRAVITY_M_S2,
    step=GRAVITY_M_S2 / 4096,
)
"""m/s², ±8 g; noise a little above a BMI160's (typically 180 µg/√Hz, 0.0018 m/s²/√Hz); the bias is a guess."""
PHONE_GYROSCOPE = SensorModel(
    noise_density=1.5e-4,
    bias_std=0.01,
    bias_walk=2e-4,
    scale_error_std=0.01,
    full_scale=float(np.radians(2000.0)),
    step=float(np.radians(1 / 16.4)),
)
"""rad/s, ±2000 °/s; noise as of phones' gyroscopes, 0.0086 °/s/√Hz (tables of such sensors list 0.004 to 0.014)."""
PHONE_MAGNETOMETER = SensorModel(
    noise_density=0.06, bias_std=4.0, bias_walk=0.01, scale_error_std=0.02, full_scale=2000.0, step=0.15
)
"""µT; the offset is the iron that is mounted with the sensor."""


def sense(
    truth: NDArray[np.float64], model: SensorModel, rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return what one device with this model reads.

    Parameters
    ----------
    truth : (n_samples, 3)
        What an ideal sensor would read.
    model : SensorModel
        In the unit of `truth`.
    rate_hz : float
        Samples per second: a density becomes noise of density · √(rate / 2) a sample.
    rng : numpy.random.Generator
        Draws the device's bias and gain, then its drift and noise.

    Returns
    -------
    (n_samples, 3), unit of `truth`

    References
    ----------
    IEEE Std 952, annex C, on noise density and random walk.
    """
    gain = 1.0 + model.scale_error_std * rng.standard_normal(3)
    bias = model.bias_std * rng.standard_normal(3)
    drift = model.bias_walk / np.sqrt(rate_hz) * rng.standard_normal(truth.shape).cumsum(axis=0)
    noise = model.noise_density * np.sqrt(rate_hz / 2) * rng.standard_normal(truth.shape)
    reading: NDArray[np.float64] = truth * gain + bias + drift + noise
    if model.full_scale is not None:
        reading = np.clip(reading, -model.full_scale, model.full_scale)
    if model.step:
        reading = np.trunc(reading / model.step) * model.step  # toward zero: a step never leaves the full scale
    return reading

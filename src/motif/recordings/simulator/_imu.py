"""An inertial unit on a path: accelerometer and gyroscope, with or without a magnetometer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from motif.recordings.simulator._physics import angular_rate, earth_field, specific_force
from motif.recordings.simulator._sensor import SensorModel, sense

__all__ = ["CHANNELS", "UNITS", "Models", "measure"]

CHANNELS = tuple(f"{kind}_{axis}" for kind in ("acc", "gyr", "mag") for axis in "xyz")
"""Nine channels; the first six are a unit's without a magnetometer."""
UNITS = ("m/s²",) * 3 + ("rad/s",) * 3 + ("µT",) * 3
"""A unit for each channel."""
Models = tuple[SensorModel, SensorModel] | tuple[SensorModel, SensorModel, SensorModel]
"""Errors of the accelerometer, the gyroscope and, where there is one, the magnetometer."""


def measure(
    position: NDArray[np.float64], orientation: Rotation, rate_hz: float, models: Models, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return what the unit reads along a path, (n_samples, 6 or 9) as `CHANNELS` has them."""
    truths = [specific_force(position, orientation, rate_hz), angular_rate(orientation, rate_hz)]
    if len(models) == 3:
        truths.append(earth_field(orientation))
    return np.hstack([sense(truth, model, rate_hz, rng) for truth, model in zip(truths, models, strict=True)])

"""Inertial windows (n, channels, sensors, samples) as they might as well have been. Arrays in, new arrays out.

A quantity is three channels in a row: `acc_x acc_y acc_z gyr_x …`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.signals._augment_time import moments, read_at, smooth_curves

__all__ = ["drop_channels", "drop_sensors", "jitter", "read_at_other_moments", "strengthen", "turn"]

Windows = NDArray[np.float32]


def jitter(X: Windows, strength: float, generator: np.random.Generator) -> Windows:
    """Add white noise of `strength` times each series' own standard deviation."""
    spread = X.std(axis=-1, keepdims=True) * np.float32(strength)
    noise = generator.standard_normal(X.shape, dtype=np.float32)
    noise *= spread
    noise += X
    return noise


def turn(X: Windows, largest_deg: float, generator: np.random.Generator) -> Windows:
    """Turn each sensor about a random axis by up to `largest_deg`: all its triads alike, as one case on a wrist.

    Channels beyond the last whole triad are left as they are.
    """
    n, n_channels, n_sensors, _ = X.shape
    n_turned = n_channels - n_channels % 3
    matrices = _rotations((n, n_sensors), np.deg2rad(largest_deg), generator)
    turned = X.copy()
    for first in range(0, n_turned, 3):
        x, y, z = X[:, first], X[:, first + 1], X[:, first + 2]
        for row in range(3):
            a, b, c = (matrices[..., row, column, None] for column in range(3))
            turned[:, first + row] = a * x + b * y + c * z
    return turned


def _rotations(shape: tuple[int, ...], largest: float, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return rotation matrices (*shape, 3, 3) by Rodrigues' formula."""
    axis = generator.standard_normal((*shape, 3))
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = generator.uniform(-largest, largest, shape)[..., None, None]
    x, y, z = np.moveaxis(axis, -1, 0)
    zero = np.zeros(shape)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*shape, 3, 3)
    rotation: NDArray[np.float64] = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross)
    return rotation.astype(np.float32)


def strengthen(X: Windows, scale: float, warp: float, generator: np.random.Generator) -> Windows:
    """Multiply each quantity of each sensor: by one factor (spread `scale`) and by a smooth curve (spread `warp`).

    The three axes of a quantity share their factor, so that directions stay.
    """
    n, n_channels, n_sensors, n_samples = X.shape
    shape = (n, -(-n_channels // 3), n_sensors)
    factor = 1.0 + np.float32(scale) * generator.standard_normal((*shape, 1), dtype=np.float32)
    if warp:
        factor = factor * (1.0 + np.float32(warp) * smooth_curves(shape, n_samples, generator))
    factor = np.clip(factor, 0.2, 5.0)  # no quantity dies or turns its sign
    stronger: Windows = X * np.repeat(factor, 3, axis=1)[:, :n_channels]
    return stronger


def read_at_other_moments(X: Windows, warp: float, shift: float, generator: np.random.Generator) -> Windows:
    """Let time run unevenly (`warp`) and start elsewhere (`shift`), the same for all sensors; see `moments`."""
    n, n_channels, n_sensors, n_samples = X.shape
    place = moments(n, n_samples, generator, warp=warp, shift=shift)
    series = np.ascontiguousarray(X).reshape(n, n_channels * n_sensors, n_samples)
    read: Windows = read_at(series, place).reshape(X.shape)
    return read


def drop_channels(X: Windows, probability: float, generator: np.random.Generator) -> Windows:
    """Set a channel of a sensor to zero, each with this probability."""
    kept = generator.random(X.shape[:3], dtype=np.float32) >= probability
    return X * kept[..., None]


def drop_sensors(X: Windows, probability: float, generator: np.random.Generator) -> Windows:
    """Set all channels of a sensor to zero, each with this probability, but never of the last one standing."""
    draw = generator.random((X.shape[0], X.shape[2]), dtype=np.float32)
    kept = (draw >= probability) | (draw == draw.max(axis=1, keepdims=True))
    left: Windows = X * kept[:, None, :, None]
    return left

"""Inertial windows (n, channels, sensors, samples) as they might as well have been. Arrays in, new arrays out.

A quantity is the positions of its channels: three where it has axes, one where it has none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError
from motif.signals._augment_time import moments, read_at, smooth_curves
from motif.signals._triads import triads

__all__ = ["drop_channels", "drop_sensors", "jitter", "quantities", "read_at_other_moments", "strengthen", "turn"]

Windows = NDArray[np.float32]
Quantities = Sequence[tuple[int, ...]]


def quantities(n_channels: int, names: Sequence[str] = ()) -> Quantities:
    """Return which channels are the axes of one quantity, and which stand alone.

    By their names; where there are none, three in a row are one if their number divides by three.
    """
    if names and len(names) != n_channels:
        raise ConfigError(f"channels names {len(names)}, {', '.join(names)}; the windows have {n_channels}")
    if names:
        axes = list(triads(names).values())
        with_axes = {channel for each in axes for channel in each}
        return [*axes, *((channel,) for channel in range(n_channels) if channel not in with_axes)]
    n_axes = 1 if n_channels % 3 else 3
    return [tuple(range(first, first + n_axes)) for first in range(0, n_channels, n_axes)]


def jitter(X: Windows, strength: float, generator: np.random.Generator) -> Windows:
    """Add white noise of `strength` times each series' own standard deviation."""
    spread = X.std(axis=-1, keepdims=True) * np.float32(strength)
    noise = generator.standard_normal(X.shape, dtype=np.float32)
    noise *= spread
    noise += X
    return noise


def turn(X: Windows, largest_deg: float, of: Quantities, generator: np.random.Generator) -> Windows:
    """Turn each sensor about a random axis by up to `largest_deg`: all its triads alike, as one case on a wrist.

    Channels that stand alone are left as they are.
    """
    n, _, n_sensors, _ = X.shape
    matrices = _rotations((n, n_sensors), np.deg2rad(largest_deg), generator)
    turned = X.copy()
    for axes in (each for each in of if len(each) == 3):
        x, y, z = (X[:, axis] for axis in axes)
        for row, axis in enumerate(axes):
            a, b, c = (matrices[..., row, column, None] for column in range(3))
            turned[:, axis] = a * x + b * y + c * z
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


def strengthen(X: Windows, scale: float, warp: float, of: Quantities, generator: np.random.Generator) -> Windows:
    """Multiply each quantity of each sensor: by one factor (spread `scale`) and by a smooth curve (spread `warp`).

    The three axes of a quantity share their factor, so that directions stay.
    """
    n, n_channels, n_sensors, n_samples = X.shape
    shape = (n, len(of), n_sensors)
    factor = 1.0 + np.float32(scale) * generator.standard_normal((*shape, 1), dtype=np.float32)
    if warp:
        factor = factor * (1.0 + np.float32(warp) * smooth_curves(shape, n_samples, generator))
    factor = np.clip(factor, 0.2, 5.0)  # no quantity dies or turns its sign
    place = {channel: i for i, axes in enumerate(of) for channel in axes}
    stronger: Windows = X * factor[:, [place[channel] for channel in range(n_channels)]]
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

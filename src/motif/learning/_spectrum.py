"""Fixed first layers for windows of inertial sensors: a scale for each channel, and bands of frequencies."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning._backend import keras

__all__ = ["fit_scale", "fourier_bands", "scaled_channels"]

BANDS = 12
"""Bands of frequencies, each about 1.4 times as wide as the one below."""
SCALE_LAYER = "scale_channels"


def scaled_channels(windows: Any) -> Any:
    """Divide each channel of symbolic windows (batch, channels, sensors, samples) by what `fit_scale` learns."""
    return keras().layers.BatchNormalization(
        axis=1, center=False, scale=False, epsilon=1e-12, trainable=False, name=SCALE_LAYER
    )(windows)


def fit_scale(model: Any, windows: NDArray[np.float32]) -> None:
    """Learn from `windows` (n, channels, sensors, samples) the usual size of each channel; axes of a triad share one.

    A model without such a layer is left as it is; a channel that is always zero stays so.
    """
    layer = next((layer for layer in model.layers if layer.name == SCALE_LAYER), None)
    if layer is None:
        return
    power = np.square(windows, dtype=np.float64).mean(axis=(0, 2, 3))
    if power.size % 3 == 0:
        power = np.repeat(power.reshape(-1, 3).mean(axis=1), 3)
    layer.set_weights([np.zeros_like(power), np.where(power > 0, power, 1.0)])


def fourier_bands(samples: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return cosines and sines (samples, 2 · frequencies), and which of them make a band (2 · frequencies, bands)."""
    frequency = np.arange(1, samples // 2 + 1)
    phase = 2 * np.pi * np.outer(np.arange(samples), frequency) / samples
    waves = np.concatenate([np.cos(phase), np.sin(phase)], axis=1) / samples
    edges = np.unique(np.geomspace(1, frequency.size + 1, BANDS + 1).round())
    member = np.array([(frequency >= low) & (frequency < high) for low, high in pairwise(edges)])
    bands = np.tile(member.reshape(-1, frequency.size).T, (2, 1))
    return waves.astype(np.float32), bands.astype(np.float32)

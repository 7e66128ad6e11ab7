"""What a window is as a whole, by layers that need no training: levels, and strengths of bands of frequencies.

Rank-four convolutions of kernel one, products, means, roots and logarithms only. Strengths enter as logarithms: that
one body moves twice as much as another is then a shift, which linear boundaries bear best.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning import fourier_bands, keras

__all__ = ["rhythm"]

EPSILON = 1e-3
"""Below this share of a channel's usual size a movement counts as rest: logarithms start here."""
ALL_WAVES = 160
"""Samples of a window up to which every frequency is looked at, and not a part of each band."""
WAVES_OF_A_BAND = 16
"""Cosines and sines of each band that are looked at in a longer window."""


def rhythm(scaled: Any) -> Any:
    """Describe symbolic windows (batch, sensors, samples, channels), channels of about equal size.

    Three channels that follow each other are the axes of one kind of sensor, the first feels gravity; their length and
    their part along the mean of the first are described too, whichever way a sensor is turned.

    Returns
    -------
    symbolic (batch, features)
        For each series of each sensor: its mean, and the logarithm of its strength in twelve bands of frequencies.
    """
    layers, ops = keras().layers, keras().ops
    series = scaled
    if scaled.shape[-1] % 3 == 0:
        series = ops.concatenate([scaled, *_without_direction(scaled)], axis=-1)
    parts = [layers.Flatten()(_mean(series))]
    if scaled.shape[2] > 2:
        parts.append(layers.Flatten()(_strengths(series)))
    return ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]


def _without_direction(scaled: Any) -> tuple[Any, Any]:
    """Return the length of each triad and its part along gravity, each (batch, sensors, samples, kinds)."""
    ops = keras().ops
    channels = scaled.shape[-1]
    of_kind = np.repeat(np.eye(channels // 3), 3, axis=0)
    from_first = np.tile(np.eye(channels, 3), channels // 3)
    gravity = _fixed(_mean(scaled), from_first, "gravity")
    size = ops.sqrt(_fixed(gravity * gravity, of_kind, "size_of_gravity")) + EPSILON
    length = ops.sqrt(_fixed(scaled * scaled, of_kind, "squared_length"))
    return length, _fixed(scaled * gravity, of_kind, "along_gravity") / size


def _strengths(series: Any) -> Any:
    """(batch, sensors, samples, series) → (batch, sensors, series, bands)."""
    layers, ops = keras().layers, keras().ops
    waves, bands = fourier_bands(series.shape[2])
    if series.shape[2] > ALL_WAVES:
        waves, bands = _some_of_each(waves, bands)
    spectrum = _fixed(layers.Permute((1, 3, 2))(series), waves, "spectrum")
    return ops.log(ops.sqrt(_fixed(spectrum * spectrum, bands, "bands")) + EPSILON)


def _some_of_each(
    waves: NDArray[np.float32], bands: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Keep evenly chosen waves of each band, with a weight that makes up for the others."""
    weights = np.zeros_like(bands)
    for band in range(bands.shape[1]):
        rows = np.flatnonzero(bands[:, band])
        chosen = rows[:: math.ceil(len(rows) / WAVES_OF_A_BAND)]
        weights[chosen, band] = len(rows) / len(chosen)
    kept = weights.any(axis=1)
    return waves[:, kept], weights[kept]


def _mean(values: Any) -> Any:
    """(batch, sensors, samples, channels) → (batch, sensors, 1, channels)."""
    return keras().ops.mean(values, axis=2, keepdims=True)


def _fixed(values: Any, matrix: NDArray[Any], name: str) -> Any:
    """Return the last axis times `matrix`: a convolution of kernel one that is never trained."""
    layer = keras().layers.Conv2D(matrix.shape[1], 1, use_bias=False, trainable=False, name=name)
    product = layer(values)
    layer.set_weights([np.asarray(matrix, np.float32)[None, None]])
    return product

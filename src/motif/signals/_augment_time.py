"""Smooth random curves, and series read at other moments."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["moments", "read_at", "smooth_curves"]

_KNOTS = 5


def smooth_curves(shape: tuple[int, ...], n_samples: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return random curves (*shape, n_samples) that wander around 0 about as far as 1, without a kink.

    Five standard normal knots, joined by raised cosines.
    """
    place = np.linspace(0.0, _KNOTS - 1.0, n_samples)
    distance = np.minimum(np.abs(place - np.arange(_KNOTS)[:, None]), 1.0)
    weights = (0.5 + 0.5 * np.cos(np.pi * distance)).astype(np.float32)
    knots = generator.standard_normal((*shape, _KNOTS), dtype=np.float32)
    with np.errstate(invalid="ignore"):  # OpenBLAS's float32 (n, 5) @ (5, 1) computes in lanes that nobody has set
        return knots @ weights


def moments(
    n: int, n_samples: int, generator: np.random.Generator, *, warp: float, shift: float
) -> NDArray[np.float32]:
    """Return where to read each window, (n, n_samples), in samples: 0 … n_samples - 1, never running backward.

    Parameters
    ----------
    warp
        Spread of the logarithm of the speed of time: 0.1 runs about 10 % faster here and slower there. Both ends stay.
    shift
        Largest shift either way, as a part of the window; beyond its ends the window stands still.
    """
    speed = np.exp(warp * smooth_curves((n,), n_samples - 1, generator)) if n_samples > 1 else np.ones((n, 0))
    elapsed = np.concatenate([np.zeros((n, 1)), speed.cumsum(axis=1)], axis=1)
    elapsed *= (n_samples - 1) / np.maximum(elapsed[:, -1:], 1e-12)
    elapsed += generator.uniform(-shift, shift, (n, 1)) * n_samples
    place: NDArray[np.float32] = np.clip(elapsed, 0.0, n_samples - 1).astype(np.float32)
    return place


@njit(cache=True)
def read_at(series: NDArray[np.float32], place: NDArray[np.float32]) -> NDArray[np.float32]:
    """Read series (n, n_series, n_samples) at place (n, n_samples), on straight lines between samples.

    Twin: tests/reference/augment.py. Ten times as fast as `np.take_along_axis` twice.
    """
    n, n_series, n_samples = series.shape
    read = np.empty_like(series)
    for i in range(n):
        for k in range(n_series):
            for t in range(n_samples):
                before = int(place[i, t])
                after = min(before + 1, n_samples - 1)
                part = place[i, t] - np.float32(before)
                read[i, k, t] = series[i, k, before] + part * (series[i, k, after] - series[i, k, before])
    return read

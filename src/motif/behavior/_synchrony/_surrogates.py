"""Streams that are like a given one in all but their relation to others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["has_few_values", "random_phases"]

Array = NDArray[np.float64]

_MOST_TIES = 0.1
"""Unrelated streams of 2, 3, 5, 10 and 20 levels alarmed in 14, 11, 9, 5 and 6 % of 80 pairs instead of 5 %."""


def has_few_values(values: Array) -> bool:
    """Return whether two samples of a channel (n, channels) are equal too often for `random_phases`.

    It orders samples, and in equal ones there is no order to keep.
    """
    counts = [np.unique(channel, return_counts=True)[1] for channel in values.T]
    return any(float(((n / len(values)) ** 2).sum()) > _MOST_TIES for n in counts)


def random_phases(values: Array, rng: np.random.Generator) -> Array:
    """Return (n, channels) with the same values in each channel and about the same spectra, in another order.

    The phases of all channels are turned by the same angles, which keeps what the channels have in common.

    References
    ----------
    Theiler et al. (1992), "Testing for nonlinearity in time series: the method of surrogate data": amplitude adjusted.
    Prichard & Theiler (1994), "Generating surrogate data for time series with several simultaneously measured
    variables".
    """
    n = len(values)
    order = np.sort(values, axis=0)
    normal = np.sort(rng.standard_normal((n, 1)), axis=0)
    ranks = values.argsort(axis=0).argsort(axis=0)
    gaussian = normal[:, 0][ranks]
    spectrum = np.fft.rfft(gaussian, axis=0)
    angles = rng.uniform(0.0, 2.0 * np.pi, len(spectrum))
    angles[0] = 0.0
    if n % 2 == 0:
        angles[-1] = 0.0
    shuffled = np.fft.irfft(spectrum * np.exp(1j * angles)[:, None], n, axis=0)
    return np.asarray(np.take_along_axis(order, shuffled.argsort(axis=0).argsort(axis=0), axis=0))

"""Streams that are like a given one in all but their relation to others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["few_turns_note", "has_few_values", "independent_turns", "memory", "random_phases"]

Array = NDArray[np.float64]

_NEEDED_TURNS = 19
"""With fewer surrogates no p value reaches 5 %, as the observed figure counts among them."""
_FORGOTTEN = 0.1
"""Autocorrelations below this are none."""
_MOST_TIES = 0.1
"""Unrelated streams of 2, 3, 5, 10 and 20 levels alarmed in 14, 11, 9, 5 and 6 % of 80 pairs instead of 5 %."""


def has_few_values(values: Array) -> bool:
    """Return whether two samples of a channel (n, channels) are equal too often for `random_phases`.

    It orders samples, and in equal ones there is no order to keep.
    """
    counts = [np.unique(channel, return_counts=True)[1] for channel in values.T]
    return any(float(((n / len(values)) ** 2).sum()) > _MOST_TIES for n in counts)


def independent_turns(n: int, *, nearest: int, apart: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return by how many samples one stream can be turned against another so that each turn says something of its own.

    Turns drawn at random lie closer than that: the observed relation then stands against a handful counted often, and
    is the strongest of them more often than p values say.

    Parameters
    ----------
    n, nearest : int
        Samples of the streams, and the smallest turn either way; 2 `nearest` ≤ n.
    apart : int
        What lies between two turns, in samples: no less than all lags, nor than what a stream remembers (`memory`).
    most : int
        So many at most.

    References
    ----------
    Harris (2020), "Nonsense correlations in neuroscience".
    """
    first = nearest + rng.integers((n - 2 * nearest) % apart + 1)
    turns = np.arange(first, n - nearest + 1, apart)
    return rng.choice(turns, most, replace=False) if len(turns) > most else turns


def few_turns_note(n_turns: int) -> str:
    """Return what to say of so few turns, or nothing."""
    if n_turns >= _NEEDED_TURNS:
        return ""
    return (
        f"Chance has {n_turns} turns that are independent, and p = 0.05 needs {_NEEDED_TURNS}: nothing can be beyond "
        "chance; record longer, or ask for shorter windows or lags."
    )


def memory(values: Array) -> int:
    """Return after how many samples each channel of (n, channels) has forgotten what it was: no correlation is left."""
    n = len(values)
    power = np.abs(np.fft.rfft(values - values.mean(axis=0), 2 * n, axis=0)) ** 2
    correlation = np.fft.irfft(power, axis=0)[:n]
    return int((correlation <= _FORGOTTEN * correlation[0]).argmax(axis=0).max())


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

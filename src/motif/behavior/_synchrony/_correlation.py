"""Windowed lagged cross-correlation, of the streams as they are and of one turned in time against the other.

A window of one stream is laid against every moment of the other at once, by one Fourier transform; the moments around
it give the observed correlations, those around a moment far away what chance gives. Both come from the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LaggedCorrelation", "lagged_correlation"]

Array = NDArray[np.float64]

_MOST = 0.999999
"""Correlations are kept below 1, where Fisher's transform has no end."""


@dataclass(frozen=True, slots=True, eq=False)
class LaggedCorrelation:
    """Fisher-transformed correlations; the first of the `turns` is the observed one."""

    profiles: Array
    """(turns, channels, lags), mean over the windows, from -max_lag to max_lag."""
    peaks: Array
    """(turns, windows), the largest at any lag of the mean over channels."""
    windows: Array
    """(windows, lags, channels), the observed ones."""
    starts: NDArray[np.int64]
    """(windows,), the first sample of each window."""


def lagged_correlation(
    a: Array, b: Array, *, window: int, hop: int, max_lag: int, turns: NDArray[np.int64]
) -> LaggedCorrelation:
    """Correlate windows of `a` with `b` at lags from -max_lag to max_lag.

    Parameters
    ----------
    a, b : (n, channels)
        Channel i is correlated with channel i.
    window, hop, max_lag : int
        In samples. At a positive lag `b` comes later.
    turns : (k,), int
        By how many samples `b` is turned, as if its end were joined to its beginning; the first one 0.

    References
    ----------
    Boker et al. (2002), "Windowed cross-correlation and peak picking for the analysis of variability in the
    association between behavioral time series". Twin: tests/reference/synchrony.py.
    """
    n, n_channels = a.shape
    starts = np.arange(0, n - window + 1, hop)
    lags = np.arange(-max_lag, max_lag + 1)
    spectrum = np.fft.rfft(b - b.mean(axis=0), axis=0)
    deviation, smallest = _rolling_deviation(b, window), 1e-12 * a.std(axis=0)
    profiles = np.zeros((len(turns), n_channels, len(lags)))
    peaks, observed = np.empty((len(turns), len(starts))), np.empty((len(starts), len(lags), n_channels))
    for i, start in enumerate(starts):
        piece = a[start : start + window] - a[start : start + window].mean(axis=0)
        scale = window * np.maximum(piece.std(axis=0), smallest)
        covariance = np.fft.irfft(np.conj(np.fft.rfft(piece, n, axis=0)) * spectrum, n, axis=0)
        z = np.arctanh(np.clip(covariance / (scale * deviation), -_MOST, _MOST))
        around = z[(start + turns[:, None] + lags) % n]  # (turns, lags, channels)
        profiles += around.transpose(0, 2, 1)
        peaks[:, i] = around.mean(axis=2).max(axis=1)
        observed[i] = around[0]
    return LaggedCorrelation(profiles / len(starts), peaks, observed, starts)


def _rolling_deviation(values: Array, window: int) -> Array:
    """Return the standard deviation of the window that begins at each sample, around the end; (n, channels)."""
    centred = values - values.mean(axis=0)
    joined = np.concatenate([centred, centred[: window - 1]])
    total = np.cumsum(np.pad(joined, ((1, 0), (0, 0))), axis=0)
    square = np.cumsum(np.pad(joined**2, ((1, 0), (0, 0))), axis=0)
    mean = (total[window:] - total[:-window]) / window
    variance = (square[window:] - square[:-window]) / window - mean**2
    smallest = 1e-12 * np.maximum(centred.var(axis=0), 1e-300)
    return np.asarray(np.sqrt(np.maximum(variance, smallest)))

"""Convolutions and summaries in compiled loops. Twins: tests/reference/templates.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["N_SUMMARY", "SEGMENTS", "responses", "shares_above", "summary"]

SEGMENTS = 6
N_SUMMARY = 9 + SEGMENTS
"""Figures of one channel."""


@njit(cache=True)
def _response(
    padded: NDArray[np.float32],
    base: NDArray[np.float32],
    channels: NDArray[np.bool_],
    taps: NDArray[np.int64],
    dilation: int,
    margin: int,
    out: NDArray[np.float32],
) -> None:
    """Write what a kernel of nine taps answers over the chosen channels: -1 everywhere but for three taps of 2."""
    n_samples = out.size
    out[:] = 0.0
    first, second, third = (
        margin + (taps[0] - 4) * dilation,
        margin + (taps[1] - 4) * dilation,
        margin + (taps[2] - 4) * dilation,
    )
    for k in range(channels.size):
        if channels[k]:
            row, below = padded[k], base[k]
            for t in range(n_samples):
                out[t] += below[t] + np.float32(3.0) * (row[first + t] + row[second + t] + row[third + t])


@njit(cache=True)
def _base(padded: NDArray[np.float32], dilation: int, margin: int, base: NDArray[np.float32]) -> None:
    """Write minus the sum of all nine taps of each channel."""
    n_channels, n_samples = base.shape
    for k in range(n_channels):
        for t in range(n_samples):
            total = np.float32(0.0)
            for j in range(-4, 5):
                total += padded[k, margin + t + j * dilation]
            base[k, t] = -total


@njit(cache=True)
def _padded(series: NDArray[np.float32], margin: int) -> NDArray[np.float32]:
    n_channels, n_samples = series.shape
    padded = np.zeros((n_channels, n_samples + 2 * margin), np.float32)
    padded[:, margin : margin + n_samples] = series
    return padded


@njit(cache=True)
def responses(
    series: NDArray[np.float32],
    dilations: NDArray[np.int64],
    channels: NDArray[np.bool_],
    taps: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Return what every kernel answers at every moment, (n_dilations · n_taps, n_samples).

    Parameters
    ----------
    series : (n_channels, n_samples)
    dilations : (n_dilations,)
    channels : (n_dilations · n_taps, n_channels)
        Which channels each kernel looks at.
    taps : (n_taps, 3)
        The three taps of nine that weigh 2.
    """
    n_taps, n_samples = len(taps), series.shape[1]
    margin = 4 * dilations.max()
    padded, base = _padded(series, margin), np.empty_like(series)
    answers = np.empty((len(channels), n_samples), np.float32)
    for d in range(len(dilations)):
        _base(padded, dilations[d], margin, base)
        for k in range(n_taps):
            i = d * n_taps + k
            _response(padded, base, channels[i], taps[k], dilations[d], margin, answers[i])
    return answers


@njit(cache=True)
def shares_above(
    series: NDArray[np.float32],
    dilations: NDArray[np.int64],
    channels: NDArray[np.bool_],
    taps: NDArray[np.int64],
    limits: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return for how large a share of the moments each kernel answers above each of its limits, flat.

    Every other kernel leaves out the moments at which it reaches beyond the window.

    Parameters
    ----------
    series, dilations, channels, taps
        As for `responses`.
    limits : (n_dilations · n_taps, n_limits)
    """
    n_taps, n_limits, n_samples = len(taps), limits.shape[1], series.shape[1]
    margin = 4 * dilations.max()
    padded, base = _padded(series, margin), np.empty_like(series)
    answer, shares = np.empty(n_samples, np.float32), np.empty(limits.size, np.float32)
    for d in range(len(dilations)):
        _base(padded, dilations[d], margin, base)
        reach = 4 * dilations[d]
        for k in range(n_taps):
            i = d * n_taps + k
            _response(padded, base, channels[i], taps[k], dilations[d], margin, answer)
            start, stop = 0, n_samples
            if i % 2 == 1 and 2 * reach < n_samples - 2:
                start, stop = reach, n_samples - reach
            for j in range(n_limits):
                above = 0
                for t in range(start, stop):
                    above += answer[t] > limits[i, j]
                shares[i * n_limits + j] = above / (stop - start)
    return shares


@njit(cache=True)
def _quantile(ordered: NDArray[np.float32], q: float) -> float:
    place = q * (ordered.size - 1)
    before = int(place)
    after = min(before + 1, ordered.size - 1)
    return float(ordered[before] + (place - before) * (ordered[after] - ordered[before]))


@njit(cache=True)
def summary(series: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return figures of each channel, and of its steps, flat: (2 · n_channels · N_SUMMARY,).

    Mean, standard deviation, least, largest, deciles 1, 5 and 9, mean size and deviation of the steps, and the means
    of six parts of the window.
    """
    n_channels, n_samples = series.shape
    out = np.zeros((2 * n_channels, N_SUMMARY), np.float32)
    row, steps = np.empty(n_samples, np.float32), np.empty(max(n_samples - 1, 1), np.float32)
    for i in range(2 * n_channels):
        row[:] = series[i // 2]
        if i % 2:
            for t in range(n_samples - 1, 0, -1):
                row[t] = np.float32(3.0) * (row[t] - row[t - 1])
            row[0] = 0.0
        steps[:] = 0.0
        for t in range(n_samples - 1):
            steps[t] = row[t + 1] - row[t]
        ordered = np.sort(row)
        figures = out[i]
        figures[0], figures[1], figures[2], figures[3] = row.mean(), row.std(), ordered[0], ordered[-1]
        figures[4], figures[5] = _quantile(ordered, 0.1), _quantile(ordered, 0.5)
        figures[6] = _quantile(ordered, 0.9)
        figures[7], figures[8] = np.abs(steps).mean(), steps.std()
        for part in range(SEGMENTS):
            start = part * n_samples // SEGMENTS
            stop = max((part + 1) * n_samples // SEGMENTS, start + 1)
            figures[9 + part] = row[start:stop].mean()
    return out.ravel()

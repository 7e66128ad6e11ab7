"""Convolutions and summaries in compiled loops. Twins: tests/reference/templates.py."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.templates._row_kernels import copy, mean, quantile, sort

__all__ = ["N_SUMMARY", "SEGMENTS", "responses", "shares_above", "summary"]

SEGMENTS = 6
N_SUMMARY = 9 + SEGMENTS
"""Figures of one channel."""


@njit(cache=True)
def _add_one(row: NDArray[np.float32], base: NDArray[np.float32], at: tuple[int, int, int], out: Any) -> None:
    n = out.size
    a, b, c = row[at[0] : at[0] + n], row[at[1] : at[1] + n], row[at[2] : at[2] + n]
    for t in range(n):  # slices: an index that cannot be negative is read eight at a time
        out[t] += base[t] + np.float32(3.0) * (a[t] + b[t] + c[t])


@njit(cache=True)
def _add_two(rows: Any, bases: Any, at: tuple[int, int, int], out: NDArray[np.float32]) -> None:
    """Add two channels in one pass: half the passes, and a pass over a few samples costs more than its sums."""
    n = out.size
    a, b, c = rows[0][at[0] : at[0] + n], rows[0][at[1] : at[1] + n], rows[0][at[2] : at[2] + n]
    d, e, f = rows[1][at[0] : at[0] + n], rows[1][at[1] : at[1] + n], rows[1][at[2] : at[2] + n]
    p, q = bases
    for t in range(n):
        out[t] += (p[t] + q[t]) + np.float32(3.0) * ((a[t] + b[t] + c[t]) + (d[t] + e[t] + f[t]))


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
    out[:] = np.float32(0.0)
    at = (
        margin + (taps[0] - 4) * dilation,
        margin + (taps[1] - 4) * dilation,
        margin + (taps[2] - 4) * dilation,
    )
    waiting = -1
    for k in range(channels.size):
        if channels[k] and waiting < 0:
            waiting = k
        elif channels[k]:
            _add_two((padded[waiting], padded[k]), (base[waiting], base[k]), at, out)
            waiting = -1
    if waiting >= 0:
        _add_one(padded[waiting], base[waiting], at, out)


@njit(cache=True)
def _base(padded: NDArray[np.float32], dilation: int, margin: int, base: NDArray[np.float32]) -> None:
    """Write minus the sum of all nine taps of each channel."""
    n_channels, n_samples = base.shape
    for k in range(n_channels):
        below = base[k]
        below[:] = np.float32(0.0)
        for j in range(-4, 5):
            first = margin + j * dilation
            tap = padded[k, first : first + n_samples]
            for t in range(n_samples):
                below[t] -= tap[t]


@njit(cache=True)
def _padded(series: NDArray[np.float32], margin: int) -> NDArray[np.float32]:
    n_channels, n_samples = series.shape
    padded = np.zeros((n_channels, n_samples + 2 * margin), np.float32)
    for k in range(n_channels):
        copy(series[k], padded[k, margin : margin + n_samples])
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
    dilations : (n_dilations,), the widest last
    channels : (n_dilations · n_taps, n_channels)
        Which channels each kernel looks at.
    taps : (n_taps, 3)
        The three taps of nine that weigh 2.
    """
    n_taps, n_samples = len(taps), series.shape[1]
    margin = 4 * dilations[-1]
    padded, base = _padded(series, margin), np.empty_like(series)
    answers = np.empty((len(channels), n_samples), np.float32)
    for d in range(len(dilations)):
        _base(padded, dilations[d], margin, base)
        for k in range(n_taps):
            i = d * n_taps + k
            _response(padded, base, channels[i], taps[k], dilations[d], margin, answers[i])
    return answers


@njit(cache=True, fastmath={"reassoc"})
def _count_above(answer: NDArray[np.float32], limit: float) -> float:
    """Return how many of a few answers are above a limit; as a sum of float32, whose order makes no difference."""
    above, one, none = np.float32(0.0), np.float32(1.0), np.float32(0.0)
    for t in range(answer.size):
        above += one if answer[t] > limit else none
    return float(above)


@njit(cache=True)
def shares_above(
    series: NDArray[np.float32],
    dilations: NDArray[np.int64],
    channels: NDArray[np.bool_],
    taps: NDArray[np.int64],
    limits: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return for how large a share of the moments each kernel answers above each of its limits, (n, limits.size).

    Every other kernel leaves out the moments at which it reaches beyond the window.

    Parameters
    ----------
    series : (n, n_channels, n_samples)
    dilations, channels, taps
        As for `responses`.
    limits : (n_dilations · n_taps, n_limits)
    """
    n, _, n_samples = series.shape
    n_taps, n_limits = len(taps), limits.shape[1]
    margin = 4 * dilations[-1]
    shares, answer = np.empty((n, limits.size), np.float32), np.empty(n_samples, np.float32)
    for s in range(n):
        padded, base = _padded(series[s], margin), np.empty_like(series[s])
        for d in range(len(dilations)):
            _base(padded, dilations[d], margin, base)
            reach = 4 * dilations[d]
            for k in range(n_taps):
                i = d * n_taps + k
                _response(padded, base, channels[i], taps[k], dilations[d], margin, answer)
                is_whole = i % 2 == 0 or 2 * reach >= n_samples - 2
                counted = answer if is_whole else answer[reach : n_samples - reach]
                for j in range(n_limits):
                    shares[s, i * n_limits + j] = _count_above(counted, limits[i, j]) / counted.size
    return shares


@njit(cache=True)
def _deviation(row: NDArray[np.float32], middle: float) -> float:
    squares = 0.0
    for t in range(row.size):
        squares += (row[t] - middle) ** 2
    return float(np.sqrt(squares / row.size))


@njit(cache=True)
def _figures(row: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Write the `N_SUMMARY` figures of a row."""
    n_samples = row.size
    ordered, steps = row.copy(), np.zeros(max(n_samples - 1, 1), np.float32)
    sort(ordered)
    size = 0.0
    for t in range(n_samples - 1):
        steps[t] = row[t + 1] - row[t]
        size += abs(steps[t])
    middle = mean(row)
    out[0], out[1] = middle, _deviation(row, middle)
    out[2], out[3] = ordered[0], ordered[-1]
    out[4], out[5], out[6] = quantile(ordered, 0.1), quantile(ordered, 0.5), quantile(ordered, 0.9)
    out[7], out[8] = size / steps.size, _deviation(steps, mean(steps))
    for part in range(SEGMENTS):
        start = part * n_samples // SEGMENTS
        out[9 + part] = mean(row[start : max((part + 1) * n_samples // SEGMENTS, start + 1)])


@njit(cache=True)
def summary(series: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return figures of each channel, and of its steps: (n, 2 · n_channels · N_SUMMARY) of (n, n_channels, n_samples).

    Mean, standard deviation, least, largest, deciles 1, 5 and 9, mean size and deviation of the steps, and the means
    of six parts of the window.
    """
    n, n_channels, n_samples = series.shape
    out = np.empty((n, 2 * n_channels, N_SUMMARY), np.float32)
    steps = np.zeros(n_samples, np.float32)
    for s in range(n):
        for k in range(n_channels):
            row = series[s, k]
            for t in range(1, n_samples):
                steps[t] = np.float32(3.0) * (row[t] - row[t - 1])
            _figures(row, out[s, 2 * k])
            _figures(steps, out[s, 2 * k + 1])
    return out.reshape(n, 2 * n_channels * N_SUMMARY)

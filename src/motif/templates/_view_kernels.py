"""Where in a window there is movement, and how it looks there. Twins: tests/reference/templates.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.templates._row_kernels import copy, mean, quantile, sort

__all__ = ["looks", "moving_span", "read_evenly"]

_LARGEST = np.float32(1e6)
"""In usual sizes: squares of more would not fit."""
_REST = 0.02
"""Share of a window's energy before which a movement has not begun, and after which it is over."""
_STILL = 0.07
"""Of the usual size: what moves less than this all the time has no beginning and no end."""
_MARGIN = 0.05
"""Share of the window that is kept before and after the movement."""
_WEAK = 0.8
"""Of the usual strength: what is weaker is not blown up to it, or rest would look like a gesture."""
_WEAK_COURSE = 0.3
"""The same for what movement adds up to."""


@njit(cache=True)
def moving_span(rows: NDArray[np.float32], rest: float, still: float) -> tuple[int, int]:
    """Return the moments between which all but a share `rest` of the energy lies, at either end.

    Parameters
    ----------
    rows : (channels, samples)
        In usual sizes. Energy is the mean square of what a channel is away from its median.
    rest : float, 0…0.5
    still : float
        How large movement is taken to be at every moment at least.
    """
    n_channels, n_samples = rows.shape
    energy, ordered = np.full(n_samples, still * still), np.empty(n_samples, np.float32)
    for k in range(n_channels):
        copy(rows[k], ordered)
        sort(ordered)
        middle = quantile(ordered, 0.5)
        for t in range(n_samples):
            away = rows[k, t] - middle
            energy[t] += away * away / n_channels
    total = 0.0
    for t in range(n_samples):
        total += energy[t]
    before, first, last = 0.0, -1, n_samples - 1
    for t in range(n_samples):
        before += energy[t]
        if first < 0 and before >= rest * total:
            first = t
        if before >= (1.0 - rest) * total:
            last = t
            break
    return max(first, 0), last


@njit(cache=True)
def read_evenly(rows: NDArray[np.float32], first: float, last: float, n_read: int) -> NDArray[np.float32]:
    """Return rows (channels, samples) at `n_read` even moments from `first` to `last`, (channels, n_read)."""
    n_channels, n_samples = rows.shape
    out = np.empty((n_channels, n_read), np.float32)
    for i in range(n_read):
        place = first + i * (last - first) / max(n_read - 1, 1)
        before = min(int(place), max(n_samples - 2, 0))
        after = min(before + 1, n_samples - 1)
        part = np.float32(place - before)
        for k in range(n_channels):
            out[k, i] = rows[k, before] + part * (rows[k, after] - rows[k, before])
    return out


@njit(cache=True)
def moving(rows: NDArray[np.float32], n_read: int) -> NDArray[np.float32]:
    """Return the part of rows (channels, samples) in which there is movement, over `n_read` samples.

    Whoever presses a button rests before and after, now longer and now shorter.
    """
    n_samples = rows.shape[1]
    first, last = moving_span(rows, _REST, _STILL)
    margin = _MARGIN * n_samples
    return read_evenly(rows, max(first - margin, 0.0), min(last + margin, n_samples - 1.0), n_read)


@njit(cache=True)
def _centred(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = np.empty_like(rows)
    for k in range(len(rows)):
        middle = np.float32(mean(rows[k]))
        for t in range(rows.shape[1]):
            centred[k, t] = rows[k, t] - middle
    return centred


@njit(cache=True)
def _to_one_strength(centred: NDArray[np.float32], n_axes: int, weak: float) -> NDArray[np.float32]:
    """Multiply rows about their mean so that all quantities are of one strength; return by what, (channels,)."""
    n_channels, n_samples = centred.shape
    factors = np.empty(n_channels, np.float32)
    for first in range(0, n_channels, n_axes):
        strength = 0.0
        for k in range(first, first + n_axes):
            for t in range(n_samples):
                strength += centred[k, t] * centred[k, t]
        factor = np.float32(1.0 / np.sqrt(strength / n_samples + weak * weak))
        for k in range(first, first + n_axes):
            factors[k] = factor
            for t in range(n_samples):
                centred[k, t] *= factor
    return factors


@njit(cache=True)
def _course(centred: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what movement adds up to (of turning: where it points), about its mean."""
    n_channels, n_samples = centred.shape
    sums = np.empty_like(centred)
    for k in range(n_channels):
        total = np.float32(0.0)
        for t in range(n_samples):
            total += centred[k, t]
            sums[k, t] = total * np.float32(8.0 / n_samples)
    return _centred(sums)


@njit(cache=True)
def _in_usual_sizes(window: NDArray[np.float32], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = np.empty_like(window)
    for k in range(len(window)):
        for t in range(window.shape[1]):
            rows[k, t] = max(-_LARGEST, min(_LARGEST, window[k, t] / scale[k]))
    return rows


@njit(cache=True)
def _write_series(rows: NDArray[np.float32], factors: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Write rows of one strength, and below them, where there is room, the length of each triad."""
    n_channels, n_samples = rows.shape
    for k in range(n_channels):
        for t in range(n_samples):
            out[k, t] = rows[k, t] * factors[k]
    for k in range(len(out) - n_channels):
        for t in range(n_samples):
            x, y, z = out[3 * k, t], out[3 * k + 1, t], out[3 * k + 2, t]
            out[n_channels + k, t] = np.sqrt(x * x + y * y + z * z)


@njit(cache=True)
def _write_path(rows: NDArray[np.float32], first: int, out: NDArray[np.float32]) -> None:
    """Write rows into a path (moments, …), read at as many moments, from column `first` on."""
    read = read_evenly(rows, 0.0, rows.shape[1] - 1.0, len(out))
    for t in range(len(out)):
        for k in range(len(rows)):
            out[t, first + k] = read[k, t]


@njit(cache=True)
def looks(
    windows: NDArray[np.float32], scale: NDArray[np.float32], n_read: int, n_path: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return motion as series to describe (n, n_series, n_read) and as paths to warp (n, n_path, 2 · channels).

    A series is the movement of one strength, and the length of each triad: what does not depend on how the device is
    held. A path is the movement about its mean, and its course.

    Parameters
    ----------
    windows : (n, channels, samples)
    scale : (channels,)
        The usual size of each channel. Three channels are one quantity, where they divide.
    """
    n, n_channels = windows.shape[:2]
    n_axes = 1 if n_channels % 3 else 3
    n_sizes = n_channels // 3 if n_axes == 3 else 0
    series = np.empty((n, n_channels + n_sizes, n_read), np.float32)
    paths = np.empty((n, n_path, 2 * n_channels), np.float32)
    for i in range(n):
        read = moving(_in_usual_sizes(windows[i], scale), n_read)
        movement = _centred(read)
        factors = _to_one_strength(movement, n_axes, _WEAK)
        course = _course(movement)
        _to_one_strength(course, n_axes, _WEAK_COURSE)
        _write_series(read, factors, series[i])
        _write_path(movement, 0, paths[i])
        _write_path(course, n_channels, paths[i])
    return series, paths

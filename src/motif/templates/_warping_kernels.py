"""Warping onto all templates at once, side by side in the processor. Twin: tests/reference/elastic.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.templates._row_kernels import copy

__all__ = ["side_by_side", "warped_costs"]

_LANES = 16
"""Templates are a whole number of so many: what is left over would be compared one by one."""


def side_by_side(paths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (samples, channels, n_lanes) of paths (m, samples, channels); the last one fills what is left of lanes."""
    n_lanes = -(-len(paths) // _LANES) * _LANES
    return np.ascontiguousarray(paths[np.minimum(np.arange(n_lanes), len(paths) - 1)].transpose(1, 2, 0))


@njit(cache=True, fastmath={"contract"})
def _squares(moment: NDArray[np.float32], there: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Write the squared distance of (channels,) from each lane of (channels, n_lanes), four channels at a time."""
    whole = moment.size - moment.size % 4
    out[:] = np.float32(0.0)
    for k in range(0, whole, 4):
        p, q, r, s = moment[k], moment[k + 1], moment[k + 2], moment[k + 3]
        a, b, c, d = there[k], there[k + 1], there[k + 2], there[k + 3]
        for lane in range(out.size):
            out[lane] += ((p - a[lane]) ** 2 + (q - b[lane]) ** 2) + ((r - c[lane]) ** 2 + (s - d[lane]) ** 2)
    for k in range(whole, moment.size):
        for lane in range(out.size):
            out[lane] += (moment[k] - there[k, lane]) ** 2


@njit(cache=True)
def warped_costs(paths: NDArray[np.float32], templates: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Return the smallest cost of warping each path onto each template, (n, n_lanes).

    Parameters
    ----------
    paths : (n, samples, channels)
    templates : (samples, channels, n_lanes)
        Of as many samples, as `side_by_side` gives them.
    reach : int
        How many samples the warping may leave the diagonal.
    """
    n, n_samples, n_lanes = len(paths), templates.shape[0], templates.shape[2]
    costs = np.empty((n, n_lanes), np.float32)
    row, square = np.empty((n_samples + 1, n_lanes), np.float32), np.empty(n_lanes, np.float32)
    diagonal, endless = np.empty(n_lanes, np.float32), np.float32(np.inf)
    for q in range(n):
        row[:] = endless
        row[0] = np.float32(0.0)
        for i in range(n_samples):
            first, last = max(0, i - reach), min(n_samples, i + reach + 1)
            copy(row[first], diagonal)
            row[first] = endless
            for j in range(first, last):
                _squares(paths[q, i], templates[j], square)
                left, up = row[j], row[j + 1]
                for lane in range(n_lanes):
                    above = up[lane]
                    up[lane] = square[lane] + min(min(diagonal[lane], left[lane]), above)
                    diagonal[lane] = above
        copy(row[n_samples], costs[q])
    return costs

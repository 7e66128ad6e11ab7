"""Where in a window there is movement, and reading it there. Twins: tests/reference/templates.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["moving_span", "read_evenly"]


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
    energy = np.full(n_samples, still * still)
    for k in range(n_channels):
        middle = np.median(rows[k])
        for t in range(n_samples):
            away = rows[k, t] - middle
            energy[t] += away * away / n_channels
    up_to = np.cumsum(energy)
    least, most = rest * up_to[-1], (1.0 - rest) * up_to[-1]
    return int(np.searchsorted(up_to, least)), min(int(np.searchsorted(up_to, most)), n_samples - 1)


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

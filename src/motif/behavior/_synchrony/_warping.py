"""Dynamic time warping within a band of lags: the lag at every moment, wherever it wanders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.behavior._synchrony._states_pair import states_pair

__all__ = ["Warping", "warp"]

Array = NDArray[np.float64]

_BOTH, _A_ALONE, _B_ALONE = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Warping:
    """How one stream has to be bent to lie on the other."""

    similarity: float
    """1 for a bent copy; about 0 where unrelated streams are not bent at all."""
    lags: Array
    """(n,), at each sample of `a`, how many samples later `b` does the same."""


def warp(a: Array, b: Array, max_lag: int) -> Warping:
    """Find the path through (i, j), |j - i| ≤ max_lag, along which the streams differ least; its ends are free.

    Parameters
    ----------
    a, b : (n, channels)
        Scaled to mean 0 and deviation 1.
    max_lag : int
        In samples; memory is n × (2 max_lag + 1) bytes.

    Raises
    ------
    ShapeError, NotFiniteError

    References
    ----------
    Sakoe & Chiba (1978), "Dynamic programming algorithm optimization for spoken word recognition".
    Twin: tests/reference/synchrony.py.
    """
    cost, lags = _path(*states_pair(a, b), max_lag)
    return Warping(similarity=1.0 - cost / (2.0 * a.size), lags=lags)


@njit(cache=True)
def _path(a: Array, b: Array, max_lag: int) -> tuple[float, Array]:
    """Return the squared distance along the best path, and its lag at each sample of `a`."""
    n, channels = a.shape
    width = 2 * max_lag + 1
    came = np.zeros((n, width), np.int8)
    before, now = np.zeros(width), np.zeros(width)
    for i in range(n):
        for k in range(width):
            j = i + k - max_lag
            if not 0 <= j < n:
                now[k] = np.inf
                continue
            distance = 0.0
            for c in range(channels):
                distance += (a[i, c] - b[j, c]) ** 2
            best = 0.0
            if i > 0:
                best, came[i, k] = before[k], _BOTH
                if k + 1 < width and before[k + 1] < best:
                    best, came[i, k] = before[k + 1], _A_ALONE
                if k > 0 and now[k - 1] < best:
                    best, came[i, k] = now[k - 1], _B_ALONE
            now[k] = best + distance
        before, now = now, before
    end = int(before.argmin())
    return before[end], _lags(came, end, max_lag)


@njit(cache=True)
def _lags(came: NDArray[np.int8], end: int, max_lag: int) -> Array:
    """Walk back; where `b` moved alone, the lag is the mean of the moments that lie on one sample of `a`."""
    n = came.shape[0]
    total, count = np.zeros(n), np.zeros(n)
    i, k = n - 1, end
    while i >= 0:
        total[i] += k - max_lag
        count[i] += 1
        step = came[i, k]
        if step == _B_ALONE:
            k -= 1
        else:
            i -= 1
            k += int(step == _A_ALONE)
    return total / count

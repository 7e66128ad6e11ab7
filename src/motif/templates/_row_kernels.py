"""A few values in compiled loops.

numba's own sort, and writing one array into a part of another (for the message it would give where they do not fit),
take longer to compile than all other kernels here together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["copy", "mean", "quantile", "sort"]


@njit(cache=True)
def copy(source: NDArray[Any], target: NDArray[Any]) -> None:
    """Write one row into another."""
    for t in range(source.size):
        target[t] = source[t]


@njit(cache=True)
def mean(row: NDArray[np.float32]) -> float:
    """Return the mean of a few values, added up in double precision."""
    total = 0.0
    for t in range(row.size):
        total += row[t]
    return total / row.size


@njit(cache=True)
def sort(row: NDArray[Any]) -> None:
    """Sort a few values where they stand (Shell 1959)."""
    for gap in (301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, row.size):
            value, j = row[i], i
            while j >= gap and row[j - gap] > value:
                row[j] = row[j - gap]
                j -= gap
            row[j] = value


@njit(cache=True)
def quantile(ordered: NDArray[Any], q: float) -> float:
    """Return a quantile of sorted values, along a straight line between two of them."""
    place = q * (ordered.size - 1)
    before = int(place)
    after = min(before + 1, ordered.size - 1)
    return float(ordered[before] + (place - before) * (ordered[after] - ordered[before]))

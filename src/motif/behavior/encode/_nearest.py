"""The nearest of some vectors. Twin: tests/reference/quantizers.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["nearest"]


@njit(cache=True)
def nearest(vectors: NDArray[np.float32], codebook: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return the row of `codebook` nearest to each vector, (n,); sums run in one order whatever the batch."""
    codes = np.empty(len(vectors), np.int32)
    for i in range(len(vectors)):
        best, nearest = np.inf, 0
        for k in range(len(codebook)):
            distance = 0.0
            for d in range(codebook.shape[1]):
                step = np.float64(vectors[i, d]) - np.float64(codebook[k, d])
                distance += step * step
            if distance < best:
                best, nearest = distance, k
        codes[i] = nearest
    return codes

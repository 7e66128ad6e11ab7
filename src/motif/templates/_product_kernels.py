"""A matrix product that adds up in one order, whatever the batch: a window alone is answered as among others."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["in_columns", "products", "squared_distances"]

_BLOCK = 28
"""Rows of the table that stay in the processor's nearest memory while all vectors pass."""
_COLUMNS = 16
"""Columns are a whole number of so many: what is left over would be added up one by one."""


def in_columns(*tables: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return tables (n_features, …) side by side as float32, filled up with columns of zeros."""
    width = sum(table.shape[1] for table in tables)
    filled = np.zeros((len(tables[0]), -(-width // _COLUMNS) * _COLUMNS), np.float32)
    np.concatenate(tables, axis=1, out=filled[:, :width], casting="same_kind")
    return filled


@njit(cache=True, fastmath={"contract"})
def _add(vector: NDArray[np.float32], table: NDArray[np.float32], total: NDArray[np.float32]) -> None:
    """Write `vector` (n,) @ `table` (n, n_columns), four rows at a time."""
    whole = vector.size - vector.size % 4
    total[:] = np.float32(0.0)
    for j in range(0, whole, 4):
        a, b, c, d = table[j], table[j + 1], table[j + 2], table[j + 3]
        p, q, r, s = vector[j], vector[j + 1], vector[j + 2], vector[j + 3]
        for k in range(total.size):
            total[k] += (p * a[k] + q * b[k]) + (r * c[k] + s * d[k])
    for j in range(whole, vector.size):
        for k in range(total.size):
            total[k] += vector[j] * table[j, k]


@njit(cache=True)
def products(vectors: NDArray[np.float32], table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `vectors` (n, n_features) @ `table` (n_features, n_columns), each row the same alone and in a batch."""
    n_columns = table.shape[1]
    out, total = np.zeros((len(vectors), n_columns), np.float32), np.empty(n_columns, np.float32)
    for first in range(0, len(table), _BLOCK):
        last = min(first + _BLOCK, len(table))
        for i in range(len(vectors)):
            _add(vectors[i, first:last], table[first:last], total)
            for k in range(n_columns):
                out[i, k] += total[k]
    return out


@njit(cache=True)
def squared_distances(
    vectors: NDArray[np.float32],
    said: NDArray[np.float32],
    lost: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return (n, m) squared distances of whitened vectors from whitened templates.

    Parameters
    ----------
    vectors : (n, n_features), not whitened
    said : (n, n_directions + m or more), their products with the directions of the whitening, and with the templates,
        whitened twice
    lost : (n_directions,), the share of a squared length along each direction that whitening takes
    squares : (m,), squared lengths of the whitened templates
    """
    found = np.empty((len(vectors), squares.size))
    for i in range(len(vectors)):
        own = 0.0
        for j in range(vectors.shape[1]):
            own += vectors[i, j] * vectors[i, j]
        for k in range(lost.size):
            own -= lost[k] * said[i, k] * said[i, k]
        for t in range(squares.size):
            found[i, t] = max(squares[t] - 2.0 * said[i, lost.size + t] + own, 0.0)
    return found

"""Quadratic forms of many vectors at once, as one matrix product over the products of their entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK", "evaluate", "moments"]

Array = NDArray[np.float64]

CHUNK = 2048
"""Vectors whose products are held at once: they stay in the cache."""


def evaluate(parts: Iterable[Array], forms: Array, meeting: int) -> Iterator[Array]:
    """Give z' Q z, (time, forms), of symmetric forms Q (forms, entries, entries), chunk by chunk.

    Parameters
    ----------
    parts
        Vectors z, (entries, time), that follow each other; a vector that holds a NaN gives NaN.
    meeting
        The first so many entries meet every other in a product; those behind them meet only these and themselves.
    """
    rows, columns = _pairs(forms.shape[1], meeting)
    weights = np.ascontiguousarray((np.where(rows == columns, 1.0, 2.0) * forms[:, rows, columns]).T)
    for vectors in parts:
        for _, products in _products(vectors, meeting):
            yield products.T @ weights


def moments(vectors: Array, weights: Array, meeting: int) -> Array:
    """Return the weighted sum of z z' for each column of `weights` (time, sums); 0 where entries do not meet."""
    rows, columns = _pairs(len(vectors), meeting)
    flat = np.zeros((rows.size, weights.shape[1]))
    for part, products in _products(vectors, meeting):
        flat += products @ weights[part]
    sums = np.zeros((weights.shape[1], len(vectors), len(vectors)))
    sums[:, rows, columns] = flat.T
    sums[:, columns, rows] = flat.T
    return sums


def _pairs(n_entries: int, meeting: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows, columns = np.triu_indices(n_entries)
    meets = (rows < meeting) | (rows == columns)
    return rows[meets], columns[meets]


def _products(vectors: Array, meeting: int) -> Iterator[tuple[slice, Array]]:
    """Give chunks of time and the products (pairs, time) in them; each chunk's products overwrite the last's."""
    n_entries, time = vectors.shape
    products = np.empty((len(_pairs(n_entries, meeting)[0]), CHUNK))
    for start in range(0, time, CHUNK):
        chunk = vectors[:, start : start + CHUNK]
        length, at = chunk.shape[1], 0
        for i in range(min(meeting, n_entries)):
            np.multiply(chunk[i], chunk[i:], out=products[at : at + n_entries - i, :length])
            at += n_entries - i
        np.square(chunk[meeting:], out=products[at:, :length])
        yield slice(start, start + length), products[:, :length]

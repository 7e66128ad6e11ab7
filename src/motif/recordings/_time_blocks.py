"""Blocks of windows that are contiguous in time, and how near two windows of one stretch are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.recordings._dataset import Dataset

__all__ = ["by_stretch", "nearer_than", "time_blocks"]


def by_stretch(dataset: Dataset, rows: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Return those of `rows` that lie in each stretch, in the order of time."""
    ordered = rows[np.lexsort([dataset.start[rows], dataset.stretch[rows]])]
    stretches, first = np.unique(dataset.stretch[ordered], return_index=True)
    pieces = np.split(ordered, first)[1:]  # what stands before the first is empty
    return dict(zip(stretches.tolist(), pieces, strict=True))


def time_blocks(dataset: Dataset, n_folds: int) -> NDArray[np.int64]:
    """Return each window's block: a piece of its stretch, or the place of its stretch among those of its class."""
    block = np.zeros(dataset.n_windows, np.int64)
    whole: dict[int, list[NDArray[np.int64]]] = {}
    for rows in by_stretch(dataset, np.arange(dataset.n_windows)).values():
        if rows.size >= n_folds:
            block[rows] = np.arange(rows.size) * n_folds // rows.size
        else:
            main_class = int(np.bincount(dataset.y[rows]).argmax())
            whole.setdefault(main_class, []).append(rows)
    for stretches in whole.values():
        for place, rows in enumerate(stretches):
            block[rows] = place * n_folds // len(stretches)
    return block


def nearer_than(dataset: Dataset, rows: NDArray[np.int64], others: NDArray[np.int64], gap: int) -> NDArray[np.bool_]:
    """Tell for each of `rows` whether fewer than `gap` samples lie between it and a window of `others`."""
    near = np.zeros(dataset.n_windows, bool)
    theirs_in = by_stretch(dataset, others)
    for stretch, mine in by_stretch(dataset, rows).items():
        if stretch not in theirs_in:
            continue
        start, theirs = dataset.start[mine], dataset.start[theirs_in[stretch]]
        after = np.searchsorted(theirs, start)
        distance_after = np.abs(theirs[np.minimum(after, theirs.size - 1)] - start)
        distance_before = np.abs(theirs[np.maximum(after - 1, 0)] - start)
        near[mine] = np.minimum(distance_after, distance_before) < dataset.window_length + gap
    return near[rows]

"""Blocks of windows that are contiguous in time, and how near two windows of one stretch are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.recordings._dataset import Dataset

__all__ = ["nearer_than", "time_blocks"]


def time_blocks(dataset: Dataset, n_folds: int) -> NDArray[np.int64]:
    """Return each window's block: a piece of its stretch, or the place of its stretch among those of its class."""
    block = np.zeros(dataset.n_windows, np.int64)
    whole: dict[int, list[NDArray[np.int64]]] = {}
    for stretch in np.unique(dataset.stretch):
        rows = np.flatnonzero(dataset.stretch == stretch)
        rows = rows[np.argsort(dataset.start[rows], kind="stable")]
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
    near = np.zeros(rows.size, bool)
    for stretch in np.unique(dataset.stretch[others]):
        mine = np.flatnonzero(dataset.stretch[rows] == stretch)
        theirs = np.sort(dataset.start[others[dataset.stretch[others] == stretch]])
        start = dataset.start[rows[mine]]
        after = np.searchsorted(theirs, start)
        distance_after = np.abs(theirs[np.minimum(after, theirs.size - 1)] - start)
        distance_before = np.abs(theirs[np.maximum(after - 1, 0)] - start)
        near[mine] = np.minimum(distance_after, distance_before) < dataset.window_length + gap
    return near

"""The best segmentation under tabled durations with a geometric tail. Twin: tests/reference/smoothing.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["best_segments"]

Array = NDArray[np.float64]


@njit(cache=True)
def best_segments(
    evidence: Array, first: Array, following: Array, lasts: Array, reaches: Array, stays: float
) -> NDArray[np.int64]:
    """Return the labels (time,) of the best segmentation, in O(time × classes × (longest + classes)).

    `ended[t, k]` is the best score of the first t frames with a segment of k that ends there, `begun[t, k]` with one
    that begins there, `running[k]` with one that began at `since[k]`, after the first frame, and outlasts the table.
    """
    length, n_classes = evidence.shape
    longest, ends = len(lasts), np.log(-np.expm1(stays))
    total = np.zeros((length + 1, n_classes))
    ended = np.full((length + 1, n_classes), -np.inf)
    begun = np.full((length + 1, n_classes), -np.inf)
    start_of = np.zeros((length + 1, n_classes), np.int64)
    before = np.full((length + 1, n_classes), -1, np.int64)
    running, since = np.full(n_classes, -np.inf), np.zeros(n_classes, np.int64)
    begun[0] = first
    for t in range(1, length + 1):
        last = t == length
        for k in range(n_classes):
            total[t, k] = total[t - 1, k] + evidence[t - 1, k]
            beyond_table = max(t - longest, 0)
            ended[t, k] = first[k] + total[t, k] + reaches[t - beyond_table - 1, k] + stays * beyond_table
            for d in range(1, min(longest, t)):
                score = begun[t - d, k] + total[t, k] - total[t - d, k] + (reaches if last else lasts)[d - 1, k]
                if score > ended[t, k]:
                    ended[t, k], start_of[t, k] = score, t - d
            running[k] += stays + evidence[t - 1, k]
            began = t - longest
            if began > 0:
                entered = begun[began, k] + total[t, k] - total[began, k] + reaches[longest - 1, k]
                if entered > running[k]:
                    running[k], since[k] = entered, began
            score = running[k] if last else running[k] + ends
            if score > ended[t, k]:
                ended[t, k], start_of[t, k] = score, since[k]
        for k in range(n_classes):
            for j in range(n_classes):
                if ended[t, j] + following[j, k] > begun[t, k]:
                    begun[t, k], before[t, k] = ended[t, j] + following[j, k], j
    path = np.empty(length, np.int64)
    t, label = length, int(ended[length].argmax())
    while t > 0:
        start = start_of[t, label]
        path[start:t] = label
        t, label = start, before[start, label]
    return path

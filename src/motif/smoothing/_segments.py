"""Segments of a label stream: found, and merged until none is too short."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["merge_short", "segment_starts"]


@njit(cache=True)
def segment_starts(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each run of equal labels begins, and the length of the stream as the last entry."""
    starts = np.empty(labels.size + 1, np.int64)
    count = 0
    for t in range(labels.size):
        if t == 0 or labels[t] != labels[t - 1]:
            starts[count] = t
            count += 1
    starts[count] = labels.size
    return starts[: count + 1].copy()


@njit(cache=True)
def merge_short(labels: NDArray[np.int64], votes: NDArray[np.int64], min_dwell: int, max_segments: int) -> None:
    """Give the shortest segment to a neighbour, in place, until all last `min_dwell` and `max_segments` are left.

    A neighbour takes it whose label `votes` (time,) holds more often inside; where that is even, the longer one, then
    the earlier. Twin: tests/reference/smoothing.py.
    """
    starts = segment_starts(labels)
    count = starts.size - 1
    while count > 1:
        shortest = 0
        for i in range(1, count):
            if starts[i + 1] - starts[i] < starts[shortest + 1] - starts[shortest]:
                shortest = i
        if starts[shortest + 1] - starts[shortest] >= min_dwell and count <= max_segments:
            return
        label = labels[starts[_heir(labels, votes, starts, shortest, count)]]
        labels[starts[shortest] : starts[shortest + 1]] = label
        count = _close_up(labels, starts, shortest, count)


@njit(cache=True)
def _heir(
    labels: NDArray[np.int64], votes: NDArray[np.int64], starts: NDArray[np.int64], segment: int, count: int
) -> int:
    if segment == 0:
        return 1
    if segment == count - 1:
        return segment - 1
    balance = 0  # above 0: the later neighbour
    for t in range(starts[segment], starts[segment + 1]):
        balance += int(votes[t] == labels[starts[segment + 1]]) - int(votes[t] == labels[starts[segment - 1]])
    if balance == 0:
        before = starts[segment] - starts[segment - 1]
        balance = (starts[segment + 2] - starts[segment + 1]) - before
    return segment + 1 if balance > 0 else segment - 1


@njit(cache=True)
def _close_up(labels: NDArray[np.int64], starts: NDArray[np.int64], segment: int, count: int) -> int:
    """Forget the borders beside `segment` that separate nothing any more; return how many segments are left."""
    kept = max(segment, 1)  # a border that may vanish: those at `segment` and `segment + 1`
    for i in range(kept, count + 1):
        vanished = i in (segment, segment + 1) and i < count and labels[starts[i]] == labels[starts[i] - 1]
        if not vanished:
            starts[kept] = starts[i]
            kept += 1
    return kept - 1

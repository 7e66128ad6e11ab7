"""A semi-Markov model whose segments last a shortest time for certain and then end at random: path and marginals.

Evidence is (time, labels), what a frame says for each label; `log_stay` and `log_switch` are what it costs a segment
that has lasted `min_dwell` frames to go on, and to give way to one other label. Twins: tests/reference/smoothing.py.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["best_path", "marginals"]

Array = NDArray[np.float64]


@njit(cache=True)
def best_path(evidence: Array, min_dwell: int, log_stay: float, log_switch: float) -> NDArray[np.int64]:
    """Return the best path whose segments last `min_dwell` or longer, (time,), in O(time × labels).

    `running[k]` is the best score of a path whose present segment, of label k, has lasted long enough to end.
    Twin: tests/reference/smoothing.py.
    """
    length, n_labels = evidence.shape
    total = np.zeros((length + 1, n_labels))  # evidence of the first t frames
    for t in range(length):
        for k in range(n_labels):
            total[t + 1, k] = total[t, k] + evidence[t, k]
    score = np.full((length + 1, n_labels), -np.inf)
    came_from = np.full((length + 1, n_labels), -1, np.int64)  # -1: it was running; else the label before the segment
    for t in range(min_dwell, length + 1):
        began = t - min_dwell
        best, second, best_label = -np.inf, -np.inf, -1
        for k in range(n_labels):
            if score[began, k] > best:
                best, second, best_label = score[began, k], best, k
            elif score[began, k] > second:
                second = score[began, k]
        for k in range(n_labels):
            if began == 0:
                score[t, k] = total[t, k]
                came_from[t, k] = k
                continue
            score[t, k] = score[t - 1, k] + log_stay + evidence[t - 1, k]
            before = second if k == best_label else best
            entered = before + log_switch + total[t, k] - total[began, k]
            if entered > score[t, k]:
                score[t, k] = entered
                came_from[t, k] = _other_best(score[began], k)
    path = np.empty(length, np.int64)
    label, t = score[length].argmax(), length
    while t > 0:
        if came_from[t, label] < 0:
            path[t - 1] = label
            t -= 1
        else:
            path[t - min_dwell : t] = label
            label, t = came_from[t, label], t - min_dwell
    return path


@njit(cache=True)
def _other_best(score: Array, label: int) -> int:
    best = -1
    for k in range(score.size):
        if k != label and (best < 0 or score[k] > score[best]):
            best = k
    return best


@njit(cache=True)
def marginals(evidence: Array, min_dwell: int, log_stay: float, log_switch: float) -> Array:
    """Return the logarithm of how probable each label is at each frame, (time, labels), up to a constant of the stream.

    `ahead[t, k]` adds up every path of the first t frames that may end a segment of k there, `behind[t, k]` every path
    of the others after such an end. A frame belongs to a segment's shortest time, wherever that began, or to what it
    lasted beyond. In O(time × labels × (labels + min_dwell)).
    """
    length, n_labels = evidence.shape
    total = np.zeros((length + 1, n_labels))
    for t in range(length):
        total[t + 1] = total[t] + evidence[t]
    ahead, behind = np.full((length + 1, n_labels), -np.inf), np.full((length + 1, n_labels), -np.inf)
    begun = np.full((length + 1, n_labels), -np.inf)  # every path of the first t frames after which a segment begins
    begun[0] = 0.0
    for t in range(min_dwell, length + 1):
        for k in range(n_labels):
            ahead[t, k] = np.logaddexp(
                ahead[t - 1, k] + log_stay + evidence[t - 1, k],
                begun[t - min_dwell, k] + total[t, k] - total[t - min_dwell, k],
            )
        begun[t] = log_switch + _of_the_others(ahead[t])
    behind[length] = 0.0
    for t in range(length - 1, -1, -1):
        behind[t] = log_stay + evidence[t] + behind[t + 1]
        if t + min_dwell <= length:
            behind[t] = np.logaddexp(
                behind[t], log_switch + _of_the_others(total[t + min_dwell] - total[t] + behind[t + min_dwell])
            )
    found = np.full((length, n_labels), -np.inf)
    for t in range(length):
        found[t] = ahead[t] + log_stay + evidence[t] + behind[t + 1]
        for began in range(max(t - min_dwell + 1, 0), min(t, length - min_dwell) + 1):
            end = began + min_dwell
            found[t] = np.logaddexp(found[t], begun[began] + total[end] - total[began] + behind[end])
    return found


@njit(cache=True)
def _of_the_others(scores: Array) -> Array:
    """Return the logarithm of what all labels but each have in sum."""
    summed = np.full(scores.size, -np.inf)
    for k in range(scores.size):
        for other in range(scores.size):
            if other != k:
                summed[k] = np.logaddexp(summed[k], scores[other])
    return summed

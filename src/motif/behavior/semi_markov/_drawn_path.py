"""A path drawn from all segmentations, each as often as it is probable."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["drawn_path"]

Array = NDArray[np.float64]


@njit(cache=True)
def drawn_path(
    duration: Array,
    first_duration: Array,
    survival: Array,
    transition: Array,
    begins: Array,
    ends: Array,
    log_scale: Array,
    total: Array,
    uniform: Array,
) -> NDArray[np.int64]:
    """Return the state of each frame, (time,), walking back from the end segment by segment.

    Parameters
    ----------
    duration, first_duration, survival : (states, longest)
    transition : (states, states)
    begins, ends, log_scale
        As `forward` left them.
    total : (time + 1, states)
        Sums of the log emissions of the first t frames.
    uniform : (2 × time + 2,), in 0…1
        Two for each segment.

    References
    ----------
    Johnson & Willsky (2013), "Bayesian nonparametric hidden semi-Markov models", section 4.1, forwards filtered.
    """
    n_states, longest = duration.shape
    stop, used = len(total) - 1, 0
    states = np.empty(stop, np.int64)
    weights, before = np.empty((n_states, longest)), np.empty((1, n_states))
    for k in range(n_states):
        _ages(weights[k], survival[k], first_duration[k], True, begins[:, k], log_scale, total[:, k], stop)
    state, age = _chosen(weights, uniform[used])
    while True:
        used += 2
        states[stop - age : stop] = state
        stop -= age
        if stop == 0:
            return states
        for k in range(n_states):
            before[0, k] = np.log(ends[stop, k] * transition[k, state])
        state = _chosen(before, uniform[used])[1] - 1
        one = weights[:1]
        _ages(one[0], duration[state], first_duration[state], False, begins[:, state], log_scale, total[:, state], stop)
        age = _chosen(one, uniform[used + 1])[1]


@njit(cache=True)
def _ages(
    weights: Array,
    table: Array,
    first_duration: Array,
    goes_on: bool,
    begins: Array,
    log_scale: Array,
    total: Array,
    stop: int,
) -> None:
    """Write the log weight of each age of one state's segment that ends at `stop`, or goes on there."""
    for i in range(weights.size):
        weights[i] = -np.inf
    for age in range(1, min(table.size, stop) + 1):
        start = stop - age
        lasts = table[age - 1]
        if start == 0:
            lasts = first_duration[age - 1]
            if goes_on:
                for longer in range(age, first_duration.size):
                    lasts += first_duration[longer]
        joint = begins[start] * lasts
        if joint > 0.0:
            weights[age - 1] = np.log(joint) + log_scale[start] + total[stop] - total[start]


@njit(cache=True)
def _chosen(log_weights: Array, uniform: float) -> tuple[int, int]:
    """Return a row and a column + 1, drawn by weight."""
    most, total = -np.inf, 0.0
    for k in range(log_weights.shape[0]):
        for i in range(log_weights.shape[1]):
            most = max(most, log_weights[k, i])
    for k in range(log_weights.shape[0]):
        for i in range(log_weights.shape[1]):
            total += np.exp(log_weights[k, i] - most)
    left = uniform * total
    row, column = 0, 0
    for k in range(log_weights.shape[0]):
        for i in range(log_weights.shape[1]):
            share = np.exp(log_weights[k, i] - most)
            if share > 0.0:
                row, column = k, i
                left -= share
                if left <= 0.0:
                    return row, column + 1
    return row, column + 1

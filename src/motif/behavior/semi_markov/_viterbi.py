"""The most probable segments, exactly."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["viterbi"]

_FAST = {"reassoc", "contract", "nsz", "nnan"}  # -inf stays, NaN does not occur

Array = NDArray[np.float64]


@njit(cache=True, fastmath=_FAST)
def _best(weights: Array, past: Array) -> float:
    """Return the largest sum; four at a time, as each waits for the one before it."""
    a = b = c = d = -np.inf
    whole = weights.size // 4 * 4
    for i in range(0, whole, 4):
        a = max(a, weights[i] + past[i])
        b = max(b, weights[i + 1] + past[i + 1])
        c = max(c, weights[i + 2] + past[i + 2])
        d = max(d, weights[i + 3] + past[i + 3])
    for i in range(whole, weights.size):
        a = max(a, weights[i] + past[i])
    return max(max(a, b), max(c, d))


@njit(cache=True, fastmath=_FAST)
def viterbi(
    log_emission: Array,
    log_duration: Array,
    log_first_duration: Array,
    log_survival: Array,
    log_first_survival: Array,
    log_transition: Array,
    log_initial: Array,
) -> NDArray[np.int64]:
    """Return the state of each frame on the most probable path, (time,).

    Only scores are kept on the way: the length of a segment is found again while walking back, once a segment.

    Parameters
    ----------
    log_emission : (time, states)
    log_duration, log_first_duration, log_survival, log_first_survival : (states, longest)
        Of lasting 1, 2, … frames, and that long or longer; `first`: of the segment from the first frame on.
    log_transition : (states, states)
        The diagonal is -inf.
    log_initial : (states,)

    References
    ----------
    Yu (2010), "Hidden semi-Markov models", Artificial Intelligence 174, section 2.3; twin in tests/reference.
    """
    time, n_states = log_emission.shape
    longest = log_duration.shape[1]
    weights, into = log_duration[:, ::-1].copy(), log_transition.T.copy()
    total = np.zeros((n_states, time + 1))
    past = np.full((n_states, longest + time + 1), -np.inf)  # begin at t, less the evidence until t, at longest + t
    end = np.empty(n_states)
    for t in range(1, time + 1):
        for k in range(n_states):
            total[k, t] = total[k, t - 1] + log_emission[t - 1, k]
            value = _best(weights[k], past[k, t : t + longest])
            if t <= longest:
                value = max(value, log_initial[k] + log_first_duration[k, t - 1])
            end[k] = value + total[k, t]
        for k in range(n_states):
            past[k, longest + t] = _best(into[k], end) - total[k, t]
    states = np.empty(time, np.int64)
    state, begin = _last_segment(total, past, log_survival, log_first_survival, log_initial)
    states[begin:] = state
    while begin > 0:
        stop = begin
        state = _before(total, past, weights, log_first_duration, log_initial, log_transition[:, state], stop)
        begin = _begin(past[state], weights[state], log_initial[state], log_first_duration[state], stop)
        states[begin:stop] = state
    return states


@njit(cache=True)
def _last_segment(
    total: Array, past: Array, log_survival: Array, log_first_survival: Array, log_initial: Array
) -> tuple[int, int]:
    """Return the state of the last segment and the frame it begins after."""
    n_states, longest = log_survival.shape
    time = total.shape[1] - 1
    best, state, begin = -np.inf, 0, 0
    for k in range(n_states):
        for age in range(1, min(longest, time) + 1):
            began = past[k, longest + time - age] + log_survival[k, age - 1]
            if age == time:
                began = log_initial[k] + log_first_survival[k, age - 1]
            if began + total[k, time] > best:
                best, state, begin = began + total[k, time], k, time - age
    return state, begin


@njit(cache=True)
def _before(
    total: Array,
    past: Array,
    weights: Array,
    log_first_duration: Array,
    log_initial: Array,
    log_into: Array,
    stop: int,
) -> int:
    """Return the state of the segment that ends at `stop`."""
    best, state = -np.inf, 0
    for k in range(total.shape[0]):
        value = _best(weights[k], past[k, stop : stop + weights.shape[1]])
        if stop <= weights.shape[1]:
            value = max(value, log_initial[k] + log_first_duration[k, stop - 1])
        value += total[k, stop] + log_into[k]
        if value > best:
            best, state = value, k
    return state


@njit(cache=True)
def _begin(past: Array, weights: Array, log_initial: float, log_first_duration: Array, stop: int) -> int:
    """Return where the segment of one state that ends at `stop` began."""
    longest = weights.size
    best, begin = -np.inf, 0
    if stop <= longest:
        best = log_initial + log_first_duration[stop - 1]
    for age in range(1, min(longest, stop) + 1):
        value = past[longest + stop - age] + weights[longest - age]
        if value > best:
            best, begin = value, stop - age
    return begin

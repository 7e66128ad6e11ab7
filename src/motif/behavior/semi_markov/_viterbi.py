"""The most probable segments, exactly."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.behavior.semi_markov._windows import TOGETHER, copy

__all__ = ["viterbi"]

_FAST = {"reassoc", "contract", "nsz", "nnan"}  # -inf stays, NaN does not occur
_BLOCK = 2048

Array = NDArray[np.float64]


@njit(cache=True, fastmath=_FAST)
def _raise(pending: Array, weights: Array, begins: Array) -> None:
    """Lift each entry of `pending` to begin + weight for the last four begins, of which each is a frame later."""
    first, second, third, fourth = begins
    for i in range(pending.size):
        best = pending[i]
        value = fourth + weights[i]
        best = value if value > best else best
        value = third + weights[i + 1]
        best = value if value > best else best
        value = second + weights[i + 2]
        best = value if value > best else best
        value = first + weights[i + 3]
        pending[i] = value if value > best else best


@njit(cache=True)
def _room(pending: Array, now: int, longest: int) -> int:
    """Return where the next frame stands; near the end of the buffer what is pending moves to its front."""
    if now + longest + TOGETHER <= pending.shape[1]:
        return now
    for k in range(pending.shape[0]):
        copy(pending[k, now : now + longest], pending[k])
        for i in range(longest, pending.shape[1]):
            pending[k, i] = -np.inf
    return 0


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

    A segment that begins tells all frames at which it may end how probable that would be. Only scores are kept on the
    way: where a segment began is found again while walking back, once a segment.

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
    weights = np.full((n_states, longest + TOGETHER - 1), -np.inf)
    brief = np.full((TOGETHER - 1, n_states), -np.inf)
    begins = np.empty((time + 1, n_states))  # a segment begins at t, less the evidence until t
    ends, total = np.empty((time + 1, n_states)), np.zeros(n_states)
    pending = np.full((n_states, longest + _BLOCK), -np.inf)  # one ends at a frame to come, less the evidence until it
    soon, latest = np.empty((TOGETHER, n_states)), np.empty((n_states, TOGETHER))
    opening, now = np.empty(n_states), 0
    for k in range(n_states):
        begins[0, k] = log_initial[k]
        copy(log_duration[k], weights[k])
        copy(weights[k, : TOGETHER - 1], brief[:, k])
        for i in range(longest):
            pending[k, i] = log_initial[k] + log_first_duration[k, i]
    for t in range(1, time + 1):
        after = (t - 1) % TOGETHER
        if after == 0:
            now = _room(pending, now, longest)
            for k in range(n_states):
                copy(pending[k, now : now + TOGETHER], soon[:, k])
        for k in range(n_states):
            total[k] += log_emission[t - 1, k]
            ends[t, k] = soon[after, k] + total[k]
            opening[k] = -np.inf
        for j in range(n_states):
            for k in range(n_states):
                value = ends[t, j] + log_transition[j, k]
                opening[k] = value if value > opening[k] else opening[k]
        for k in range(n_states):
            opening[k] -= total[k]
            begins[t, k] = latest[k, after] = opening[k]
        for left in range(after + 1, TOGETHER):
            for k in range(n_states):
                value = opening[k] + brief[left - after - 1, k]
                soon[left, k] = value if value > soon[left, k] else soon[left, k]
        if after == TOGETHER - 1:
            now += TOGETHER
            for k in range(n_states):
                _raise(pending[k, now : now + longest], weights[k], latest[k])
    states, stop = np.empty(time, np.int64), time
    state, begin = _last_segment(total, begins, log_survival, log_first_survival)
    while True:
        for i in range(begin, stop):
            states[i] = state
        if begin == 0:
            return states
        stop, state = begin, _before(ends[begin], log_transition[:, state])
        begin = _begin(begins[:, state], log_duration[state], log_first_duration[state], stop)


@njit(cache=True)
def _last_segment(total: Array, begins: Array, log_survival: Array, log_first_survival: Array) -> tuple[int, int]:
    """Return the state of the last segment and the frame it begins after."""
    time = len(begins) - 1
    best, state, begin = -np.inf, 0, 0
    for k in range(total.size):
        at = _begin(begins[:, k], log_survival[k], log_first_survival[k], time)
        lasting = log_first_survival[k] if at == 0 else log_survival[k]
        value = begins[at, k] + lasting[time - at - 1] + total[k]
        if value > best:
            best, state, begin = value, k, at
    return state, begin


@njit(cache=True)
def _before(log_ending: Array, log_transition: Array) -> int:
    """Return the state that a segment follows most probably."""
    best, state = -np.inf, 0
    for k in range(log_ending.size):
        value = log_ending[k] + log_transition[k]
        if value > best:
            best, state = value, k
    return state


@njit(cache=True)
def _begin(begins: Array, log_lasting: Array, log_first_lasting: Array, stop: int) -> int:
    """Return where the segment of one state that ends at `stop` began."""
    best, begin = -np.inf, stop - 1
    for age in range(1, min(log_lasting.size, stop) + 1):
        lasting = log_first_lasting if age == stop else log_lasting
        value = begins[stop - age] + lasting[age - 1]
        if value > best:
            best, begin = value, stop - age
    return begin

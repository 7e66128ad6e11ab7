"""The most probable segments, exactly."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["viterbi"]

_FAST = {"reassoc", "contract", "nsz", "nnan"}  # -inf stays, NaN does not occur

Array = NDArray[np.float64]


@njit(cache=True, fastmath=_FAST)
def _raise(pending: Array, weights: Array, begin: float) -> None:
    """Lift each entry of `pending` to `begin` + weight; this way round it is four entries at a time."""
    for i in range(weights.size):
        value = begin + weights[i]
        pending[i] = value if value > pending[i] else pending[i]


@njit(cache=True, fastmath=_FAST)
def _best(ends: Array, weights: Array) -> float:
    best = -np.inf
    for j in range(ends.size):
        value = ends[j] + weights[j]
        best = value if value > best else best
    return best


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
    into = log_transition.T.copy()
    begins = np.full((n_states, time + 1), -np.inf)  # a segment begins at t, less the evidence until t
    pending = np.full((n_states, time + 1 + longest), -np.inf)  # one ends at t, less the evidence until t
    ends, total = np.empty((time + 1, n_states)), np.zeros(n_states)
    for k in range(n_states):
        begins[k, 0] = log_initial[k]
        _raise(pending[k, 1 : 1 + longest], log_first_duration[k], log_initial[k])
    for t in range(1, time + 1):
        for k in range(n_states):
            total[k] += log_emission[t - 1, k]
            ends[t, k] = pending[k, t] + total[k]
        for k in range(n_states):
            begins[k, t] = _best(ends[t], into[k]) - total[k]
            _raise(pending[k, t + 1 : t + 1 + longest], log_duration[k], begins[k, t])
    states = np.empty(time, np.int64)
    state, begin = _last_segment(total, begins, log_survival, log_first_survival)
    states[begin:] = state
    while begin > 0:
        stop = begin
        state = int((ends[stop] + log_transition[:, state]).argmax())
        begin = _begin(begins[state], log_duration[state], log_first_duration[state], stop)
        states[begin:stop] = state
    return states


@njit(cache=True)
def _last_segment(total: Array, begins: Array, log_survival: Array, log_first_survival: Array) -> tuple[int, int]:
    """Return the state of the last segment and the frame it begins after."""
    time = begins.shape[1] - 1
    best, state, begin = -np.inf, 0, 0
    for k in range(total.size):
        at = _begin(begins[k], log_survival[k], log_first_survival[k], time)
        lasting = log_first_survival[k] if at == 0 else log_survival[k]
        value = begins[k, at] + lasting[time - at - 1] + total[k]
        if value > best:
            best, state, begin = value, k, at
    return state, begin


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

"""Messages of segments that pass through stages: a sum of geometric waits, whatever the longest duration.

A segment of state k goes through `stages[k]` stages; at each frame it stays in its stage with probability `stay[k]`.
Its length is `stages[k]` + negative binomial. One stage is an ordinary hidden Markov model. A pass costs
O(time × states × (states + stages)). The first segment may have begun before the first frame: it is in any stage.

References
----------
Langrock & Zucchini (2011), "Hidden Markov models with arbitrary state dwell-time distributions".
Twin: tests/reference/semi_markov.py with tables of the same durations.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["stage_backward", "stage_forward", "stage_path", "stage_viterbi"]

_FAST = {"reassoc", "contract", "nsz"}
_NOTHING = 1e-150

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@njit(cache=True, fastmath=_FAST)
def stage_forward(
    emission: Array, stages: Labels, stay: Array, transition: Array, initial: Array, alive: Array
) -> float:
    """Return the log likelihood, relative to how the rows of `emission` (time, states) were scaled.

    Parameters
    ----------
    alive : (time, states, most stages), written
        Probability of each stage given the frames so far.
    """
    time, n_states = emission.shape
    ending, log_likelihood = np.empty(n_states), 0.0
    for t in range(time):
        if t > 0:
            for k in range(n_states):
                ending[k] = alive[t - 1, k, stages[k] - 1] * (1.0 - stay[k])
        total = 0.0
        for k in range(n_states):
            entering = 0.0
            if t > 0:
                for j in range(n_states):
                    entering += ending[j] * transition[j, k]
            for i in range(alive.shape[2]):
                alive[t, k, i] = 0.0
            for i in range(stages[k]):
                if t == 0:
                    value = initial[k] / stages[k]
                else:
                    value = alive[t - 1, k, i] * stay[k] + entering
                    entering = alive[t - 1, k, i] * (1.0 - stay[k])
                alive[t, k, i] = value * emission[t, k]
                total += alive[t, k, i]
        if not total > 0.0:
            return -np.inf
        log_likelihood += np.log(total)
        for k in range(n_states):
            for i in range(stages[k]):
                value = alive[t, k, i] / total
                alive[t, k, i] = value if value > _NOTHING else 0.0
    return log_likelihood


@njit(cache=True, fastmath=_FAST)
def stage_backward(
    emission: Array, stages: Labels, stay: Array, transition: Array, alive: Array, states: Array
) -> tuple[Array, Array]:
    """Return expected transitions (states, states), and moves on and stays (states, 2).

    Parameters
    ----------
    alive : as `stage_forward` left it
    states : (time, states), written
        Probability of each state given all frames.
    """
    time, n_states, most = alive.shape
    transitions, waits = np.zeros((n_states, n_states)), np.zeros((n_states, 2))
    future, before = np.ones((n_states, most)), np.zeros((n_states, most))
    opening = np.empty(n_states)
    _marginal(alive[time - 1], future, stages, states[time - 1])
    for t in range(time - 2, -1, -1):
        for k in range(n_states):
            opening[k] = emission[t + 1, k] * future[k, 0]
        total = 0.0
        for k in range(n_states):
            closing = 0.0
            for j in range(n_states):
                closing += transition[k, j] * opening[j]
            for i in range(stages[k]):
                after = emission[t + 1, k] * future[k, i + 1] if i + 1 < stages[k] else closing
                before[k, i] = stay[k] * emission[t + 1, k] * future[k, i] + (1.0 - stay[k]) * after
                total += alive[t, k, i] * before[k, i]
        for k in range(n_states):
            for i in range(stages[k]):
                here = alive[t, k, i] / total
                stayed = here * stay[k] * emission[t + 1, k] * future[k, i]
                waits[k, 1] += stayed
                waits[k, 0] += here * before[k, i] - stayed
            ending = alive[t, k, stages[k] - 1] * (1.0 - stay[k]) / total
            for j in range(n_states):
                transitions[k, j] += ending * transition[k, j] * opening[j]
        for k in range(n_states):
            for i in range(stages[k]):
                future[k, i] = before[k, i] / total
        _marginal(alive[t], future, stages, states[t])
    return transitions, waits


@njit(cache=True)
def _marginal(alive: Array, future: Array, stages: Labels, states: Array) -> None:
    total = 0.0
    for k in range(states.size):
        states[k] = 0.0
        for i in range(stages[k]):
            states[k] += alive[k, i] * future[k, i]
        total += states[k]
    for k in range(states.size):
        states[k] /= total


@njit(cache=True)
def stage_path(alive: Array, stages: Labels, stay: Array, transition: Array, uniform: Array) -> Labels:
    """Return a path (time,) drawn as often as it is probable, from `uniform` (time,) numbers in 0…1."""
    time, n_states, most = alive.shape
    path, weights = np.empty(time, np.int64), np.empty((n_states, most))
    state, stage = _chosen(alive[time - 1], uniform[time - 1])
    path[time - 1] = state
    for t in range(time - 2, -1, -1):
        for k in range(n_states):
            for i in range(most):
                weights[k, i] = 0.0
        weights[state, stage] = alive[t, state, stage] * stay[state]
        if stage > 0:
            weights[state, stage - 1] += alive[t, state, stage - 1] * (1.0 - stay[state])
        else:
            for j in range(n_states):
                last = stages[j] - 1
                weights[j, last] += alive[t, j, last] * (1.0 - stay[j]) * transition[j, state]
        state, stage = _chosen(weights, uniform[t])
        path[t] = state
    return path


@njit(cache=True)
def _chosen(weights: Array, uniform: float) -> tuple[int, int]:
    left = uniform * weights.sum()
    state, stage = 0, 0
    for k in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            if weights[k, i] > 0.0:
                state, stage = k, i
                left -= weights[k, i]
                if left <= 0.0:
                    return state, stage
    return state, stage


@njit(cache=True)
def stage_viterbi(
    log_emission: Array, stages: Labels, stay: Array, log_transition: Array, log_initial: Array
) -> Labels:
    """Return the state of each frame, (time,), on the most probable path of states and stages."""
    time, n_states = log_emission.shape
    log_stay, log_move, most = np.empty(n_states), np.empty(n_states), 0
    for k in range(n_states):
        log_stay[k], log_move[k], most = np.log(stay[k]), np.log1p(-stay[k]), max(most, stages[k])
    score, after = np.full((n_states, most), -np.inf), np.full((n_states, most), -np.inf)
    entered = np.empty((time, n_states), np.int64)  # from which state the first stage was entered; -1: it was not
    moved = np.zeros((time, n_states, most), np.bool_)  # from the stage before, instead of staying
    for k in range(n_states):
        for i in range(stages[k]):
            score[k, i] = log_initial[k] - np.log(stages[k]) + log_emission[0, k]
    for t in range(1, time):
        for k in range(n_states):
            best, source = -np.inf, 0
            for j in range(n_states):
                value = score[j, stages[j] - 1] + log_move[j] + log_transition[j, k]
                if value > best:
                    best, source = value, j
            entered[t, k] = source
            for i in range(stages[k]):
                into = best if i == 0 else score[k, i - 1] + log_move[k]
                staying = score[k, i] + log_stay[k]
                moved[t, k, i] = into > staying
                after[k, i] = max(into, staying) + log_emission[t, k]
        score, after = after, score
    state, stage = 0, 0
    for k in range(n_states):
        for i in range(stages[k]):
            if score[k, i] > score[state, stage]:
                state, stage = k, i
    path = np.empty(time, np.int64)
    for t in range(time - 1, -1, -1):
        path[t] = state
        if t > 0 and moved[t, state, stage]:
            if stage > 0:
                stage -= 1
            else:
                state = entered[t, state]
                stage = stages[state] - 1
    return path

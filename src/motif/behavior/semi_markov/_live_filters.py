"""Fixed-lag smoothing: one frame's evidence in, the states some frames ago out; what is kept does not grow.

References
----------
Yu (2010), "Hidden semi-Markov models", Artificial Intelligence 174, section 2.2, the backward pass over the lag alone.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.behavior.semi_markov._duration_families import survival
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._stage_durations import StageDurations
from motif.behavior.semi_markov._table_durations import TableDurations

__all__ = ["StageFilter", "TableFilter"]

Array = NDArray[np.float64]


class TableFilter:
    """For durations by table: in logarithms throughout, since a lag may hold frames that rule each other out."""

    def __init__(self, parameters: Parameters, durations: TableDurations, lag: int) -> None:
        tables = durations.tables, survival(durations.tables)
        first_tables = durations.first_tables, survival(durations.first_tables)
        with np.errstate(divide="ignore"):
            self._log_tables, self._log_first_tables = np.log(tables), np.log(first_tables)
            self._log_transition = np.log(parameters.transition)
            self._begins = np.log(parameters.initial)[None]  # at each of the latest frames, up to a common factor
        self._total = np.zeros_like(self._begins)
        """Sums of the log densities until each of the latest frames."""
        self._start = 0
        """Where in the window the stream began; below 0 once that is past."""
        self._lag = lag
        self._most = durations.longest + lag + 1

    def step(self, log_density: Array) -> Array | None:
        """Take log densities (states,) of the next frame; return the probabilities of the states `lag` frames ago."""
        self._total = np.vstack([self._total, self._total[-1] + log_density])
        arguments = (self._log_tables, self._log_first_tables, self._log_transition, self._start)
        begins = _next_begins(self._begins, self._total, *arguments)
        self._begins = np.vstack([self._begins, begins]) - begins.max()
        gone = max(len(self._begins) - self._most, 0)
        self._begins, self._total = self._begins[gone:], self._total[gone:] - self._total[gone]
        self._start -= gone
        if len(self._begins) < self._lag + 2:
            return None
        log_states = _states_ago(self._begins, self._total, *arguments[:3], self._start, self._lag)
        states = np.exp(log_states - log_states.max())
        return np.asarray(states / states.sum())


class StageFilter:
    """For durations by stages: a hidden Markov model of states and stages."""

    def __init__(self, parameters: Parameters, durations: StageDurations, lag: int) -> None:
        self._transition = parameters.transition
        self._moves = (1.0 - durations.stay)[:, None]
        n_stages = np.arange(durations.stages.max())
        self._exists = n_stages < durations.stages[:, None]
        self._is_last = n_stages == durations.stages[:, None] - 1
        self._alive = self._exists * (parameters.initial / durations.stages)[:, None]
        self._latest: deque[tuple[Array, Array]] = deque(maxlen=lag + 1)

    def step(self, log_density: Array) -> Array | None:
        """Take log densities (states,) of the next frame; return the probabilities of the states `lag` frames ago."""
        density = np.exp(log_density)[:, None]
        if self._latest:
            moving = self._alive * self._moves
            self._alive = self._alive * (1.0 - self._moves)
            self._alive[:, 1:] += np.where(self._is_last, 0.0, moving)[:, :-1]
            self._alive[:, 0] += moving[self._is_last] @ self._transition
        self._alive = self._alive * density
        self._alive /= self._alive.sum()
        self._latest.append((self._alive, density))
        if len(self._latest) < (self._latest.maxlen or 0):
            return None
        future = self._exists.astype(np.float64)
        for _, later in list(self._latest)[:0:-1]:
            coming = later * future
            after = np.where(self._is_last, (self._transition @ coming[:, 0])[:, None], np.roll(coming, -1, axis=1))
            future = self._exists * ((1.0 - self._moves) * coming + self._moves * after)
            future /= future.max()
        states = (self._latest[0][0] * future).sum(axis=1)
        return np.asarray(states / states.sum())


@njit(cache=True)
def _next_begins(
    begins: Array, total: Array, log_tables: Array, log_first: Array, log_transition: Array, start: int
) -> Array:
    """Return (states,), the log joint of all frames and of a segment that begins after the last one."""
    now, n_states = len(total) - 1, begins.shape[1]
    following = np.full(n_states, -np.inf)
    for k in range(n_states):
        end = -np.inf
        for u in range(max(now - log_tables.shape[2], 0), now):
            lasting = (log_first if u == start else log_tables)[0, k, now - u - 1]
            end = np.logaddexp(end, begins[u, k] + total[now, k] - total[u, k] + lasting)
        for j in range(n_states):
            following[j] = np.logaddexp(following[j], end + log_transition[k, j])
    return following


@njit(cache=True)
def _states_ago(
    begins: Array, total: Array, log_tables: Array, log_first: Array, log_transition: Array, start: int, lag: int
) -> Array:
    """Return (states,), the log joint of all frames and of each state `lag` frames before the last."""
    now, n_states = len(total) - 1, begins.shape[1]
    after = np.full((now + 1, n_states), -np.inf)  # of the frames after e, if a segment ends at e
    opening = np.empty(n_states)
    for e in range(now - 1, now - lag - 1, -1):
        for k in range(n_states):
            opening[k] = _coming(e, e + 1, k, after, total, log_first if e == start else log_tables)
        for k in range(n_states):
            for j in range(n_states):
                after[e, k] = np.logaddexp(after[e, k], log_transition[k, j] + opening[j])
    states = np.full(n_states, -np.inf)
    for k in range(n_states):
        for u in range(max(now - lag - log_tables.shape[2], 0), now - lag):
            tables = log_first if u == start else log_tables
            states[k] = np.logaddexp(states[k], begins[u, k] + _coming(u, now - lag, k, after, total, tables))
    return states


@njit(cache=True)
def _coming(begin: int, first_end: int, k: int, after: Array, total: Array, log_tables: Array) -> float:
    """Return the log probability of the frames after `begin`, if a segment of k begins there, not to end before."""
    now, longest = len(total) - 1, log_tables.shape[2]
    value = -np.inf
    if now - begin <= longest:
        value = total[now, k] - total[begin, k] + log_tables[1, k, now - begin - 1]
    for e in range(first_end, min(now, begin + longest + 1)):
        value = np.logaddexp(value, total[e, k] - total[begin, k] + log_tables[0, k, e - begin - 1] + after[e, k])
    return value

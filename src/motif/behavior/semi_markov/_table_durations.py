"""Durations by table: any distribution over 1, 2, … `longest` frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._drawn_path import drawn_path
from motif.behavior.semi_markov._duration_families import (
    TableFamily,
    duration_tables,
    durations_marginal,
    fit_durations,
    grid,
    log_prior,
    survival,
)
from motif.behavior.semi_markov._durations import Segments
from motif.behavior.semi_markov._messages import Expectation, backward, forward, occupied
from motif.behavior.semi_markov._viterbi import viterbi

__all__ = ["TableDurations"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class TableDurations:
    """Negative binomial, Poisson, gamma, log-normal or free, each cut at the shortest and the longest."""

    family: TableFamily
    parameters: Array
    """A row a state: mean and shape, or the table itself where the family is free."""
    shortest: int
    """No segment lasts fewer frames, but for those cut off at the two ends."""
    longest: int
    """No segment lasts more frames."""

    @classmethod
    def of(cls, family: TableFamily, n_states: int, *, shortest: int, typical: int, longest: int) -> Self:
        """Return durations that are the same for all states."""
        parameters = np.tile([float(typical), 1.0 if family == "lognormal" else 2.0], (n_states, 1))
        if family == "free":
            parameters = np.full((n_states, longest), 1.0 / longest)
        return cls(family, parameters, shortest, longest)

    @property
    def n_states(self) -> int:
        return len(self.parameters)

    @cached_property
    def tables(self) -> Array:
        return duration_tables(self.family, self.parameters, self.shortest, self.longest)

    @cached_property
    def first_tables(self) -> Array:
        """(states, longest), of what is left of a segment that began before the first frame: anything."""
        return np.full_like(self.tables, 1.0 / self.longest)

    @property
    def log_prior(self) -> float:
        return log_prior(self.family, self.tables)

    def taken(self, states: Labels) -> Self:
        return replace(self, parameters=self.parameters[states])

    def learnt(self, segments: Segments) -> Self:
        return self._fitted(self._counts(segments.states, segments.lengths))

    def fitted(self, expected: Expectation) -> Self:
        # A segment cut off by the end might have lasted on as the others do.
        completed = self.tables * np.cumsum(expected.cut_off / survival(self.tables), axis=1)
        return self._fitted(expected.durations + completed)

    def marginal(self, segments: Segments) -> float:
        whole = ~(segments.is_first | segments.is_last)
        counts = self._counts(segments.states[whole], segments.lengths[whole])
        return durations_marginal(self.family, counts, self.parameters, self.shortest)

    def drawn(self, segments: Segments, rng: np.random.Generator) -> Self:
        states, lengths, is_first, is_last = segments
        lengths = np.minimum(lengths, self.longest)  # clusters that a chain begins with may last longer
        for i in np.flatnonzero(is_last & ~is_first):
            going_on = self.tables[states[i], lengths[i] - 1 :]
            lengths[i] += rng.choice(going_on.size, p=going_on / going_on.sum())
        counts = self._counts(states[~is_first], lengths[~is_first])
        if self.family == "free":
            shares = rng.standard_gamma(counts + 1.0) + 1e-100
            return replace(self, parameters=shares / shares.sum(axis=1, keepdims=True))
        choices, log_tables = _choices(self.family, self.shortest, self.longest)
        log_weights = counts[:, self.shortest - 1 :] @ log_tables.T
        best = (log_weights + rng.gumbel(size=log_weights.shape)).argmax(axis=1)  # a draw from each row
        return replace(self, parameters=choices[best])

    def log_probability(self, segments: Segments) -> float:
        states, lengths, is_first, is_last = segments
        tables = np.stack([self.tables, survival(self.tables), self.first_tables, survival(self.first_tables)])
        kind = 2 * is_first.astype(np.int64) + is_last
        return float(np.log(tables[kind, states, lengths - 1]).sum())

    def lasts(self, state: int, rng: np.random.Generator, *, is_first: bool) -> int:
        table = (self.first_tables if is_first else self.tables)[state]
        return 1 + int(rng.choice(self.longest, p=table))

    def posterior(
        self, emission: Array, transition: Array, initial: Array, *, counting: bool
    ) -> tuple[float, Array, Expectation]:
        log_likelihood, begins, ends, log_scale = self._forward(emission, transition, initial)
        expected = backward(emission, *self._tables, transition, begins, ends, log_scale, log_likelihood, counting)
        states = occupied(begins, ends)
        return log_likelihood, states, Expectation(*expected)

    def path(self, emission: Array, transition: Array, initial: Array, rng: np.random.Generator) -> Labels:
        _, begins, ends, log_scale = self._forward(emission, transition, initial)
        total = np.zeros_like(begins)
        np.cumsum(np.log(emission), axis=0, out=total[1:])
        uniform = rng.random(2 * len(emission) + 2)
        return np.asarray(drawn_path(*self._tables, transition, begins, ends, log_scale, total, uniform))

    def decoded(self, log_density: Array, transition: Array, initial: Array) -> Labels:
        with np.errstate(divide="ignore"):
            logs = [np.log(table) for table in (*self._tables, survival(self.first_tables), transition, initial)]
        return np.asarray(viterbi(log_density, *logs))

    def settings(self) -> dict[str, Any]:
        return {"family": self.family, "shortest": self.shortest, "longest": self.longest}

    def arrays(self) -> dict[str, Array]:
        return {"parameters": self.parameters}

    @property
    def _tables(self) -> tuple[Array, Array, Array]:
        return self.tables, self.first_tables, survival(self.tables)

    def _forward(self, emission: Array, transition: Array, initial: Array) -> tuple[float, Array, Array, Array]:
        begins, ends = np.empty((2, len(emission) + 1, self.n_states))
        log_scale = np.empty(len(emission) + 1)
        log_likelihood = forward(emission, *self._tables, transition, initial, begins, ends, log_scale)
        return float(log_likelihood), begins, ends, log_scale

    def _counts(self, states: Labels, lengths: Labels) -> Array:
        counts = np.zeros((self.n_states, self.longest))
        np.add.at(counts, (states, np.minimum(lengths, self.longest) - 1), 1.0)
        return counts

    def _fitted(self, counts: Array) -> Self:
        return replace(self, parameters=fit_durations(self.family, counts, self.parameters, self.shortest))


@lru_cache(maxsize=4)
def _choices(family: TableFamily, shortest: int, longest: int) -> tuple[Array, Array]:
    """Parameters to choose from, and the logarithms of their tables from `shortest` on."""
    choices = grid(family, shortest, longest)
    return choices, np.log(duration_tables(family, choices, shortest, longest)[:, shortest - 1 :])

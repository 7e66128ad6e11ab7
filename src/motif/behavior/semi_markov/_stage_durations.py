"""Durations by stages: a negative binomial of whole shape, at a cost that does not grow with the longest duration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from motif.behavior.semi_markov._durations import Segments
from motif.behavior.semi_markov._messages import Expectation
from motif.behavior.semi_markov._stage_messages import stage_backward, stage_forward, stage_path, stage_viterbi
from motif.errors import ConfigError

__all__ = ["StageDurations"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_PRIOR_WAITS = np.array([1.0, 1.0])
"""Moves on and stays, times the typical duration, that each state is given beside what it sees."""


@dataclass(frozen=True)
class StageDurations:
    """Segments pass through stages and stay in each for a geometric time; one stage: a hidden Markov model."""

    stages: Labels
    """(states,)."""
    stay: Array
    """(states,), the probability of staying in a stage for one more frame."""
    typical: int
    """Frames a segment is expected to last before any is seen."""
    longest: int
    """How far `tables` go; durations themselves do without a longest."""
    most_stages: int = 8

    @classmethod
    def of(cls, n_states: int, *, typical: int, longest: int, most_stages: int) -> Self:
        """Return durations that are the same for all states."""
        stages = np.full(n_states, min(2, most_stages, typical), np.int64)
        stay = np.full(n_states, 1.0) - stages / max(typical, 2)
        return cls(stages, np.maximum(stay, 0.1), typical, longest, most_stages)

    @property
    def n_states(self) -> int:
        return len(self.stages)

    @cached_property
    def tables(self) -> Array:
        extra = np.arange(1, self.longest + 1) - self.stages[:, None]
        waits = np.maximum(extra, 0)
        ways = special.gammaln(waits + self.stages[:, None]) - special.gammaln(waits + 1.0)
        logs = ways - special.gammaln(self.stages[:, None]) + waits * np.log(self.stay[:, None])
        logs += self.stages[:, None] * np.log1p(-self.stay[:, None])
        tables = np.where(extra >= 0, np.exp(logs), 0.0)
        normalized: Array = tables / tables.sum(axis=1, keepdims=True)
        return normalized

    @property
    def log_prior(self) -> float:
        moves, stays = self._prior_waits
        return float((moves * np.log1p(-self.stay) + stays * np.log(self.stay)).sum())

    def taken(self, states: Labels) -> Self:
        return replace(self, stages=self.stages[states], stay=self.stay[states])

    def learnt(self, segments: Segments) -> Self:
        stages, stay = self.stages.copy(), self.stay.copy()
        for k in range(self.n_states):
            lengths = segments.lengths[segments.states == k]
            if lengths.size:
                stages[k], stay[k] = max(
                    (self._likelihood(lengths, r) for r in range(1, self.most_stages + 1)), key=lambda found: found[2]
                )[:2]
        return replace(self, stages=stages, stay=stay)

    def fitted(self, expected: Expectation) -> Self:
        moves, stays = expected.durations.T + self._prior_waits[:, None]
        return replace(self, stay=stays / (moves + stays))

    def marginal(self, segments: Segments) -> float:
        whole = ~(segments.is_first | segments.is_last)
        lengths = [segments.lengths[whole & (segments.states == k)] for k in range(self.n_states)]
        return float(sum(self._marginal(each) for each in lengths))

    def drawn(self, segments: Segments, rng: np.random.Generator) -> Self:
        moves, stays = self._waits(segments) + self._prior_waits[:, None] + 1.0
        return replace(self, stay=np.clip(rng.beta(stays, moves), 1e-6, 1.0 - 1e-6))

    def log_probability(self, segments: Segments) -> float:
        moves, stays = self._waits(segments)
        return float((moves * np.log1p(-self.stay) + stays * np.log(self.stay)).sum())

    def lasts(self, state: int, rng: np.random.Generator, *, is_first: bool) -> int:
        n_stages = int(self.stages[state])
        left = int(rng.integers(1, n_stages + 1)) if is_first else n_stages
        return left + int(rng.negative_binomial(left, 1.0 - self.stay[state]))

    def posterior(
        self, emission: Array, transition: Array, initial: Array, *, counting: bool
    ) -> tuple[float, Array, Expectation]:
        alive, log_likelihood = self._forward(emission, transition, initial)
        states = np.empty_like(emission)
        transitions, waits = stage_backward(emission, self.stages, self.stay, transition, alive, states)
        nothing = np.zeros((self.n_states, 0))
        return log_likelihood, states, Expectation(states[0].copy(), transitions, waits, nothing, nothing)

    def path(self, emission: Array, transition: Array, initial: Array, rng: np.random.Generator) -> Labels:
        alive, _ = self._forward(emission, transition, initial)
        return np.asarray(stage_path(alive, self.stages, self.stay, transition, rng.random(len(emission))))

    def decoded(self, log_density: Array, transition: Array, initial: Array) -> Labels:
        with np.errstate(divide="ignore"):
            logs = np.log(transition), np.log(initial)
        return np.asarray(stage_viterbi(log_density, self.stages, self.stay, *logs))

    def settings(self) -> dict[str, Any]:
        return {"typical": self.typical, "longest": self.longest, "most_stages": self.most_stages}

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"stages": self.stages, "stay": self.stay}

    def _waits(self, segments: Segments) -> Array:
        """Return (2, states), how often segments of one stage moved on and stayed; each frame but the last does either.

        Raises
        ------
        ConfigError
            There are more stages: which one a frame is in cannot be seen.
        """
        if self.most_stages > 1:
            raise ConfigError("durations 'stages' cannot be sampled; choose geometric or negative_binomial")
        moved = ~segments.is_last
        moves = np.bincount(segments.states[moved], minlength=self.n_states)
        frames = np.bincount(segments.states, segments.lengths, minlength=self.n_states)
        ended = np.bincount(segments.states[~moved], minlength=self.n_states)
        return np.stack([moves, frames - ended - moves]).astype(np.float64)

    @property
    def _prior_waits(self) -> Array:
        return _PRIOR_WAITS * [1.0, max(self.typical - 1.0, 1.0)]

    def _forward(self, emission: Array, transition: Array, initial: Array) -> tuple[Array, float]:
        alive = np.empty((len(emission), self.n_states, int(self.stages.max())))
        return alive, float(stage_forward(emission, self.stages, self.stay, transition, initial, alive))

    def _likelihood(self, lengths: Labels, stages: int) -> tuple[int, float, float]:
        """Return the stages, the best `stay` for them and how probable lengths, those below `stages` raised, are."""
        waits, short = self._beyond(lengths, stages)
        moves, stays = np.array([stages * lengths.size, waits.sum()]) + self._prior_waits
        stay = stays / (moves + stays)
        ways = special.gammaln(waits + stages) - special.gammaln(waits + 1.0) - special.gammaln(stages)
        return stages, stay, float(ways.sum() + moves * np.log1p(-stay) + stays * np.log(stay) - short)

    def _marginal(self, lengths: Labels) -> float:
        """Return how probable lengths are, whatever the stages and `stay`; any number of stages is as likely before."""
        first_moves, first_stays = self._prior_waits + 1.0
        logs = []
        for stages in range(1, self.most_stages + 1):
            waits, short = self._beyond(lengths, stages)
            ways = special.gammaln(waits + stages) - special.gammaln(waits + 1.0) - special.gammaln(stages)
            seen = special.betaln(first_stays + waits.sum(), first_moves + stages * lengths.size)
            logs.append(ways.sum() + seen - special.betaln(first_stays, first_moves) - short)
        return float(special.logsumexp(logs) - np.log(len(logs)))

    @staticmethod
    def _beyond(lengths: Labels, stages: int) -> tuple[Labels, float]:
        """Return the frames that lengths have beyond one a stage, and what counts against those that have less."""
        return np.maximum(lengths - stages, 0), 5.0 * float(np.maximum(stages - lengths, 0).sum())

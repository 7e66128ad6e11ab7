"""All parameters of a hidden semi-Markov model, and what they say of a sequence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._durations import DurationFamily, duration_tables, log_prior, survival
from motif.behavior.semi_markov._gaussian import GaussianEmission
from motif.behavior.semi_markov._messages import LARGEST_ODDS, Expectation, backward, forward
from motif.behavior.semi_markov._viterbi import viterbi

__all__ = ["PRIOR_TRANSITIONS", "Parameters", "Posterior"]

Array = NDArray[np.float64]

PRIOR_TRANSITIONS = 0.1
"""How many transitions from each state to each other are taken as seen before."""


@dataclass(frozen=True)
class Posterior:
    """What one sequence says under the parameters."""

    log_likelihood: float
    states: Array
    """(time, states), the probability of each state at each frame."""
    expectation: Expectation


@dataclass(frozen=True)
class Parameters:
    """A model: where it begins, what follows what, how long it lasts, what it looks like."""

    initial: Array
    """(states,)."""
    transition: Array
    """(states, states); the diagonal is 0, since a segment is over when the state changes."""
    family: DurationFamily
    durations: Array
    """Parameters of `family`, a row a state."""
    shortest: int
    """No segment lasts fewer frames, but for those cut off at the two ends."""
    longest: int
    """No segment lasts more frames."""
    emission: GaussianEmission
    look: NDArray[np.int64]
    """(states,), which distribution of `emission` a state's frames have: states may differ in duration alone."""
    frame_weight: float = 1.0
    """How much one frame counts, 0…1: frames that overlap or follow each other closely say less than as many others."""

    @cached_property
    def duration_tables(self) -> Array:
        """(states, longest), the probability of each duration."""
        return duration_tables(self.family, self.durations, self.shortest, self.longest)

    @cached_property
    def first_tables(self) -> Array:
        """(states, longest), of what is left of a segment that began before the first frame: anything."""
        return np.full_like(self.duration_tables, 1.0 / self.longest)

    @cached_property
    def log_prior(self) -> float:
        """What is known of parameters before any frame is seen, up to a constant."""
        off_diagonal = self.transition[~np.eye(len(self.initial), dtype=bool)]
        dirichlet = PRIOR_TRANSITIONS * np.log(off_diagonal).sum() + PRIOR_TRANSITIONS * np.log(self.initial).sum()
        return float(dirichlet) + log_prior(self.family, self.duration_tables) + self.emission.log_prior

    def log_density(self, frames: Array) -> Array:
        """Return (time, states)."""
        density: Array = self.emission.log_density(frames)[:, self.look]
        density *= self.frame_weight
        return density

    def posterior(self, frames: Array) -> Posterior:
        """Return state probabilities and expected counts of one sequence, (time, features)."""
        log_density = self.log_density(frames)
        best = log_density.max(axis=1)
        emission = np.maximum(np.exp(log_density - best[:, None]), 1.0 / LARGEST_ODDS)
        begins, ends = np.empty((2, len(frames) + 1, len(self.initial)))
        model = (self.duration_tables, self.first_tables, survival(self.duration_tables))
        arguments = (emission, *model, self.transition, self.initial, begins, ends, np.empty(len(frames) + 1))
        log_likelihood = forward(*arguments)
        expectation = backward(*arguments, log_likelihood)
        states = np.cumsum(begins[:-1] - ends[:-1], axis=0)
        np.clip(states, 0.0, None, out=states)
        states /= states.sum(axis=1, keepdims=True)
        return Posterior(float(log_likelihood + best.sum()), states, expectation)

    def decode(self, frames: Array) -> NDArray[np.int64]:
        """Return the most probable path of one sequence, (time,)."""
        with np.errstate(divide="ignore"):
            logs = [
                np.log(table)
                for table in (
                    self.duration_tables,
                    self.first_tables,
                    survival(self.duration_tables),
                    survival(self.first_tables),
                    self.transition,
                    self.initial,
                )
            ]
        return np.asarray(viterbi(self.log_density(frames), *logs))

    def sample(self, time: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
        """Return frames (time, features) and the states (time,) that gave them."""
        states = np.empty(time, np.int64)
        state, at = int(rng.choice(len(self.initial), p=self.initial)), 0
        tables = self.first_tables
        while at < time:
            stop = at + 1 + int(rng.choice(self.longest, p=tables[state]))
            states[at:stop] = state
            state, at, tables = int(rng.choice(len(self.initial), p=self.transition[state])), stop, self.duration_tables
        return self.emission.sample(self.look[states], rng), states

    def reordered(self, order: NDArray[np.int64]) -> Parameters:
        """Return the same model with its states in another order."""
        return replace(
            self,
            initial=self.initial[order],
            transition=self.transition[np.ix_(order, order)],
            durations=self.durations[order],
            look=self.look[order],
        )

"""All parameters of a hidden semi-Markov model, and what they say of a sequence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.behavior.semi_markov._durations import Durations
from motif.behavior.semi_markov._emission import Emission
from motif.behavior.semi_markov._messages import LARGEST_ODDS, Expectation

__all__ = ["PRIOR_TRANSITIONS", "Parameters", "Posterior", "what_follows"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

PRIOR_TRANSITIONS = 0.1
"""How many transitions from each state to each other are taken as seen before."""
_LARGEST_ODDS_OF_A_SEGMENT = 1e100


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
    """(states, states); the diagonal is 0, since a segment is over when the state changes. One state follows itself."""
    durations: Durations
    emission: Emission
    look: Labels
    """(states,), which distribution of `emission` a state's frames have: states may differ in duration alone."""
    frame_weight: float = 1.0
    """How much one frame counts, 0…1: frames that overlap or follow each other closely say less than as many others."""

    @property
    def n_states(self) -> int:
        """How many states there are."""
        return len(self.initial)

    @property
    def log_prior(self) -> float:
        """What is known of parameters before any frame is seen, up to a constant."""
        off_diagonal = self.transition[~np.eye(self.n_states, dtype=bool)]
        dirichlet = PRIOR_TRANSITIONS * (np.log(off_diagonal).sum() + np.log(self.initial).sum())
        return float(dirichlet) + self.durations.log_prior + self.emission.log_prior

    def log_density(self, frames: Array) -> Array:
        """Return (time, states)."""
        density = self.emission.log_density(frames)
        if not np.array_equal(self.look, np.arange(self.emission.n_looks)):
            density = density[:, self.look]
        if self.frame_weight < 1.0:
            density *= self.frame_weight
        return density

    def posterior(self, frames: Array, *, counting: bool = True) -> Posterior:
        """Return state probabilities and, if `counting`, expected counts of one sequence, (time, features)."""
        emission, log_scale = self._relative_density(frames)
        log_likelihood, states, expectation = self.durations.posterior(
            emission, self.transition, self.initial, counting=counting
        )
        return Posterior(log_likelihood + log_scale, states, expectation)

    def decode(self, frames: Array) -> Labels:
        """Return the most probable path of one sequence, (time,)."""
        return self.durations.decoded(self.log_density(frames), self.transition, self.initial)

    def path(self, frames: Array, rng: np.random.Generator) -> Labels:
        """Return a path of one sequence, (time,), drawn from all paths as probable as they are."""
        return self.durations.path(self._relative_density(frames)[0], self.transition, self.initial, rng)

    def sample(self, time: int, rng: np.random.Generator) -> tuple[Array, Labels]:
        """Return frames (time, features) and the states (time,) that gave them."""
        states = np.empty(time, np.int64)
        state, at = int(rng.choice(self.n_states, p=self.initial)), 0
        while at < time:
            stop = at + self.durations.lasts(state, rng, is_first=at == 0)
            states[at:stop] = state
            state, at = int(rng.choice(self.n_states, p=self.transition[state])), stop
        return self.emission.sample(self.look[states], rng), states

    def reordered(self, order: Labels) -> Parameters:
        """Return the same model with its states in another order."""
        return replace(
            self,
            initial=self.initial[order],
            transition=self.transition[np.ix_(order, order)],
            durations=self.durations.taken(order),
            look=self.look[order],
        )

    @property
    def largest_odds(self) -> float:
        """How much a frame speaks against a state at most; of a shortest segment, all frames must fit into a float."""
        shortest = 1 + int((self.durations.tables > 0.0).argmax(axis=1).max())
        return float(min(LARGEST_ODDS, _LARGEST_ODDS_OF_A_SEGMENT ** (1.0 / shortest)))

    def _relative_density(self, frames: Array) -> tuple[Array, float]:
        """Return densities (time, states) over the largest of each frame, and the sum of the logarithms of these."""
        density = self.log_density(frames)
        best = _levelled(density)
        np.exp(density, out=density)
        np.maximum(density, 1.0 / self.largest_odds, out=density)
        return density, best


def what_follows(counts: Array) -> Array:
    """Return transitions (states, states) as `counts` have them: rows sum to 1, none to itself unless it is alone."""
    if len(counts) == 1:
        return np.ones((1, 1))
    away = counts * (1.0 - np.eye(len(counts)))
    return np.asarray(away / np.maximum(away.sum(axis=1, keepdims=True), 1e-300))


@njit(cache=True)
def _levelled(density: Array) -> float:
    """Take its largest entry from each row of `density` (time, states); return the sum of what was taken."""
    total = 0.0
    for row in density:
        best = row[0]
        for k in range(1, row.size):
            best = max(best, row[k])
        for k in range(row.size):
            row[k] -= best
        total += best
    return total

"""What every semi-Markov model does once its parameters are known, and what they all are told."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from motif.behavior.semi_markov._durations import DurationFamily
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._sequences import checked_sequences
from motif.behavior.semi_markov._settings import EmissionFamily, Frames, durations_of, emission_of, frames_of
from motif.behavior.semi_markov._starts import neutral
from motif.errors import TooFewSamplesError

__all__ = ["SemiMarkovEstimator"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


class SemiMarkovEstimator(BaseEstimator, ABC):
    """Data in, states out; subclasses say how the states are found."""

    durations: DurationFamily
    emissions: EmissionFamily
    covariance: str
    order: int
    levels: Sequence[int] | None
    rate_hz: float
    shortest_s: float | None
    typical_s: float | None
    longest_s: float | None
    random_state: int | None
    progress: Callable[[str, float], Any] | None
    parameters_: Parameters

    def predict(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Labels:
        """Return the states of the most probable path, (frames,): on what was fitted as on what is new."""
        return np.concatenate([self._fitted.decode(part) for part in self._checked(X, lengths)])

    def predict_proba(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Array:
        """Return the probability of each state at each frame, given the whole sequence, (frames, states)."""
        parts = [self._fitted.posterior(part, counting=False).states for part in self._checked(X, lengths)]
        return np.concatenate(parts)

    def score(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Return the log likelihood of all frames."""
        parts = self._checked(X, lengths)
        return float(sum(self._fitted.posterior(part, counting=False).log_likelihood for part in parts))

    def sample(self, n_samples: int = 1, random_state: int | None = None) -> tuple[Array, Labels]:
        """Return frames (n_samples, features) that the model made up, and their states."""
        return self._fitted.sample(n_samples, np.random.default_rng(random_state))

    @property
    def n_states_(self) -> int:
        """How many states there are."""
        return self._fitted.n_states

    @property
    def transmat_(self) -> Array:
        """(states, states), what follows what; the diagonal is 0."""
        return self._fitted.transition

    @property
    def duration_probabilities_(self) -> Array:
        """(states, longest), the probability of lasting 1, 2, … frames."""
        return self._fitted.durations.tables

    @property
    def _frames(self) -> Frames:
        return frames_of(self.rate_hz, self.shortest_s, self.typical_s, self.longest_s)

    def _neutral(self, sequences: list[Array], n_states: int) -> Parameters:
        """Return a model of this kind in which all states are the same."""
        emission = emission_of(
            self.emissions, sequences, n_states, covariance=self.covariance, order=self.order, levels=self.levels
        )
        return neutral(emission, durations_of(self.durations, self._frames, n_states))

    def _learnable(self, X: ArrayLike, lengths: Sequence[int] | None, n_states: int) -> list[Array]:
        """Return the sequences, or say that there are too few frames for so many states."""
        sequences = checked_sequences(X, lengths)
        n_seen = sum(int(np.isfinite(part).all(axis=1).sum()) for part in sequences)
        if n_seen < 10 * n_states:
            raise TooFewSamplesError(f"{n_seen} whole frames for {n_states} states; want ten for each at least")
        self.n_features_in_ = sequences[0].shape[1]
        return sequences

    @property
    def _fitted(self) -> Parameters:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "parameters_")
        return self.parameters_

    def _checked(self, X: ArrayLike, lengths: Sequence[int] | None) -> list[Array]:
        emission = self._fitted.emission
        sequences = checked_sequences(X, lengths, n_features=self.n_features_in_)
        for part in sequences:
            emission.check(part)
        return sequences

"""`HSMM` and `HDPHSMM`: what happened when, without labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from motif.behavior.semi_markov._durations import DurationFamily, checked_family
from motif.behavior.semi_markov._em import climb
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._search import Found, search
from motif.behavior.semi_markov._sequences import checked_sequences, excerpts
from motif.behavior.semi_markov._starts import from_labels, neutral, smoothed_clusters
from motif.errors import ConfigError, TooFewSamplesError

__all__ = ["HDPHSMM", "HSMM"]

Array = NDArray[np.float64]


class _SemiMarkov(BaseEstimator, ABC):
    """What both have: data in, states out."""

    parameters_: Parameters

    def fit(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Self:
        """Learn the states.

        Parameters
        ----------
        X : (frames, features)
            One sequence, or several behind each other. A frame that holds a NaN is missing: time passes unseen.
        lengths : optional
            Frames of each sequence.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, TooFewSamplesError, ConfigError
        """
        sequences = checked_sequences(X, lengths)
        frames = self._frames()
        n_start, wanted, max_states = self._sizes()
        n_seen = sum(int(np.isfinite(part).all(axis=1).sum()) for part in sequences)
        if n_seen < 10 * (wanted or 2):
            raise TooFewSamplesError(f"{n_seen} whole frames for {wanted or 2} states; want ten for each at least")
        part = excerpts(sequences, self.search_frames, block=20 * frames["longest"])
        found = self._searched(part, frames, n_start, wanted, max_states)
        self.parameters_, history = climb(
            found.parameters, sequences, max_iterations=self.max_iterations, tolerance=self.tolerance
        )
        self.log_likelihood_history_ = history
        self.evidence_ = found.evidence
        self.n_features_in_ = sequences[0].shape[1]
        return self

    def _searched(
        self, sequences: list[Array], frames: dict[str, int], n_start: int, wanted: int | None, max_states: int
    ) -> Found:
        """Return the best of several starts, each split and merged until nothing helps."""
        rng = np.random.default_rng(self.random_state)
        model = neutral(
            sequences, n_start, family=checked_family(self.durations), diagonal=self.covariance == "diag", **frames
        )
        found = []
        for start in range(self.n_starts):
            window = max(frames["typical"] // (2 + start), 1)
            labels = smoothed_clusters(sequences, n_start, window, rng)
            found.append(
                search(
                    from_labels(model, sequences, labels),
                    sequences,
                    n_states=wanted,
                    max_states=max_states,
                    max_iterations=self.max_iterations,
                    tolerance=self.tolerance,
                    progress=self.progress,
                )
            )
        return max(found, key=lambda one: one.evidence)

    @abstractmethod
    def _sizes(self) -> tuple[int, int | None, int]:
        """Return how many states to begin with, how many are wanted (None to find out), and the most there may be."""

    def _frames(self) -> dict[str, int]:
        """Return shortest, typical and longest duration in frames."""
        typical = 30 if self.typical_s is None else round(self.typical_s * self.rate_hz)
        shortest = 1 if self.shortest_s is None else round(self.shortest_s * self.rate_hz)
        longest = 7 * typical if self.longest_s is None else round(self.longest_s * self.rate_hz)
        if not 1 <= shortest <= typical <= longest:
            raise ConfigError(
                f"durations are {shortest}, {typical} and {longest} frames; want shortest ≤ typical ≤ longest, "
                "all a frame or more: set shortest_s, typical_s, longest_s and rate_hz"
            )
        return {"shortest": shortest, "typical": typical, "longest": longest}

    def predict(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> NDArray[np.int64]:
        """Return the states of the most probable path, (frames,): on what was fitted as on what is new."""
        return np.concatenate([self._fitted.decode(part) for part in self._checked(X, lengths)])

    def predict_proba(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Array:
        """Return the probability of each state at each frame, given the whole sequence, (frames, states)."""
        return np.concatenate([self._fitted.posterior(part).states for part in self._checked(X, lengths)])

    def score(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Return the log likelihood of all frames."""
        return float(sum(self._fitted.posterior(part).log_likelihood for part in self._checked(X, lengths)))

    def sample(self, n_samples: int = 1, random_state: int | None = None) -> tuple[Array, NDArray[np.int64]]:
        """Return frames (n_samples, features) that the model made up, and their states."""
        return self._fitted.sample(n_samples, np.random.default_rng(random_state))

    @property
    def n_states_(self) -> int:
        """How many states there are."""
        return len(self._fitted.initial)

    @property
    def transmat_(self) -> Array:
        """(states, states), what follows what; the diagonal is 0."""
        return self._fitted.transition

    @property
    def duration_probabilities_(self) -> Array:
        """(states, longest), the probability of lasting 1, 2, … frames."""
        return self._fitted.duration_tables

    @property
    def _fitted(self) -> Parameters:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "parameters_")
        return self.parameters_

    def _checked(self, X: ArrayLike, lengths: Sequence[int] | None) -> list[Array]:
        self._fitted  # noqa: B018  # says so where there was no fit
        return checked_sequences(X, lengths, n_features=self.n_features_in_)


class HSMM(_SemiMarkov):
    """A hidden semi-Markov model with Gaussian frames and durations of their own.

    Fitted by expectation–maximization from smoothed starts, then by splits and merges that leave a poor hill.

    Parameters
    ----------
    n_states : int
    durations : negative_binomial, poisson, gamma, lognormal or free
    covariance : full or diag
    rate_hz
        Frames a second; 1 makes every duration below a number of frames.
    shortest_s, typical_s, longest_s : optional
        How long a segment lasts: 1 frame, 30 frames and 7 × typical by default; typical only guides the start.
    n_starts
        Starts from averages over a half, a third, … of the typical duration; the best is kept.
    max_iterations, tolerance
        Steps of a climb, and the gain per frame below which it ends.
    search_frames
        Splits and merges are tried on contiguous excerpts of at most so many frames; the last climb sees all.
    random_state : int, optional
    progress : optional
        Called with what was changed and the evidence for it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat([0.0, 6.0, 0.0, 6.0, 0.0], 40)[:, None] + rng.normal(size=(200, 1))
    >>> model = HSMM(n_states=2, random_state=0).fit(X)
    >>> np.flatnonzero(np.diff(model.predict(X))).tolist()
    [39, 79, 119, 159]
    """

    def __init__(
        self,
        n_states: int,
        *,
        durations: DurationFamily = "negative_binomial",
        covariance: str = "full",
        rate_hz: float = 1.0,
        shortest_s: float | None = None,
        typical_s: float | None = None,
        longest_s: float | None = None,
        n_starts: int = 2,
        max_iterations: int = 50,
        tolerance: float = 1e-5,
        search_frames: int = 20_000,
        random_state: int | None = None,
        progress: Callable[[str, float], Any] | None = None,
    ) -> None:
        self.n_states = n_states
        self.durations = durations
        self.covariance = covariance
        self.rate_hz = rate_hz
        self.shortest_s = shortest_s
        self.typical_s = typical_s
        self.longest_s = longest_s
        self.n_starts = n_starts
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.search_frames = search_frames
        self.random_state = random_state
        self.progress = progress

    def _sizes(self) -> tuple[int, int | None, int]:
        if self.n_states < 2:
            raise ConfigError(f"n_states is {self.n_states}; want 2 or more")
        return self.n_states, self.n_states, self.n_states


class HDPHSMM(_SemiMarkov):
    """A hidden semi-Markov model that finds out how many states there are.

    Transitions are drawn around one shared base, as in a hierarchical Dirichlet process: a state earns its place by
    what it adds to the evidence. Two states may look alike and differ in duration alone.

    Parameters
    ----------
    max_states
        No more than this.
    start_states
        Clusters to begin with; merged and split from there.
    others
        As in `HSMM`.

    References
    ----------
    Johnson & Willsky (2013), "Bayesian nonparametric hidden semi-Markov models"; here the optimum is looked for by
    splits and merges under the evidence instead of sampled.
    """

    def __init__(
        self,
        max_states: int = 25,
        *,
        start_states: int = 12,
        durations: DurationFamily = "negative_binomial",
        covariance: str = "full",
        rate_hz: float = 1.0,
        shortest_s: float | None = None,
        typical_s: float | None = None,
        longest_s: float | None = None,
        n_starts: int = 1,
        max_iterations: int = 50,
        tolerance: float = 1e-5,
        search_frames: int = 20_000,
        random_state: int | None = None,
        progress: Callable[[str, float], Any] | None = None,
    ) -> None:
        self.max_states = max_states
        self.start_states = start_states
        self.durations = durations
        self.covariance = covariance
        self.rate_hz = rate_hz
        self.shortest_s = shortest_s
        self.typical_s = typical_s
        self.longest_s = longest_s
        self.n_starts = n_starts
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.search_frames = search_frames
        self.random_state = random_state
        self.progress = progress

    def _sizes(self) -> tuple[int, int | None, int]:
        if self.max_states < 2:
            raise ConfigError(f"max_states is {self.max_states}; want 2 or more")
        return min(self.max_states, self.start_states), None, self.max_states

"""`HSMM` and `HDPHSMM`: what happened when, without labels."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior.semi_markov._durations import CUT_SHORT, DurationFamily, segments_of, share_near
from motif.behavior.semi_markov._em import climb
from motif.behavior.semi_markov._estimator import SemiMarkovEstimator
from motif.behavior.semi_markov._evidence import evidence_alike
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._scale_out import mapped_over
from motif.behavior.semi_markov._search import Found, search
from motif.behavior.semi_markov._sequences import excerpts
from motif.behavior.semi_markov._settings import EmissionFamily, longer_durations
from motif.behavior.semi_markov._starts import from_labels, smoothed_clusters
from motif.checks import generator, require_count, require_positive

__all__ = ["HDPHSMM", "HSMM"]

Array = NDArray[np.float64]

_EXCERPTS = 10
"""Excerpts that are spread over all recordings, at least, unless durations are so long that fewer fit."""

_FEW_FRAMES = 10_000
"""So few begin at several starts, each of which costs little."""


class _SplitAndMerged(SemiMarkovEstimator):
    """Fitted by climbs of the likelihood, then by splits and merges that leave a poor hill."""

    n_starts: int | None
    max_iterations: int
    tolerance: float
    search_frames: int
    cluster: Any

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
        ShapeError, DtypeError, InputError, TooFewSamplesError, ConfigError
        """
        self._check_settings()
        n_start, wanted, max_states = self._sizes()
        sequences = self._learnable(X, lengths, wanted or 2)
        block = max(min(20 * self._frames.longest, self.search_frames // _EXCERPTS), 2 * self._frames.longest)
        part = excerpts(sequences, self.search_frames, block=block)
        model = self._neutral(part, n_start)
        found = self._searched(part, model, wanted, max_states)
        if self.longest_s is None and any(_is_cut_short(one.parameters, part, self._frames.longest) for one in found):
            seen = max(map(len, part))
            longer = replace(model, durations=longer_durations(self.durations, self._frames, model.n_states, seen))
            found += self._searched(part, longer, wanted, max_states)
        worth = evidence_alike([one.parameters for one in found], part)
        self.starts_ = [one._replace(evidence=evidence) for one, evidence in zip(found, worth, strict=True)]
        best = max(self.starts_, key=lambda one: one.evidence)
        self.parameters_, self.log_likelihood_history_, self.evidence_ = best
        if part is not sequences or self.cluster is not None:
            with mapped_over(sequences, self.cluster) as mapped:
                self.parameters_, _, self.log_likelihood_history_ = climb(
                    best.parameters,
                    sequences,
                    max_iterations=self.max_iterations,
                    tolerance=self.tolerance,
                    mapped=mapped,
                )
        return self

    @property
    def _elsewhere(self) -> list[Parameters]:
        starts = getattr(self, "starts_", [])  # a model that was loaded has forgotten them
        return [found.parameters for found in sorted(starts, key=lambda found: -found.evidence)[1:]]

    def _searched(self, sequences: list[Array], model: Parameters, wanted: int | None, max_states: int) -> list[Found]:
        """Return where each of several starts leads, split and merged until nothing helps."""
        rng = generator(self.random_state)
        described = [model.emission.described(part) for part in sequences]
        found = []
        for start in range(_starts_for(sequences) if self.n_starts is None else self.n_starts):
            window = max(self._frames.typical // (2 + start), 1)
            labels = smoothed_clusters(described, model.n_states, window, rng)
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
        return found

    def _check_settings(self) -> None:
        if self.n_starts is not None:
            require_count("n_starts", self.n_starts)
        require_count("max_iterations", self.max_iterations)
        require_positive("tolerance", self.tolerance)

    @abstractmethod
    def _sizes(self) -> tuple[int, int | None, int]:
        """Return how many states to begin with, how many are wanted (None to find out), and the most there may be."""


class HSMM(_SplitAndMerged):
    """A hidden semi-Markov model: states that look like something and last for some time.

    Fitted by expectation–maximization from smoothed starts, then by splits and merges that leave a poor hill.

    Parameters
    ----------
    n_states : int
    durations : negative_binomial, poisson, gamma, lognormal, free, stages or geometric
        `stages` costs the same whatever the longest duration; `geometric` makes it a hidden Markov model.
    emissions : gaussian, autoregressive or categorical
    covariance : full or diag
        Of Gaussian and autoregressive frames.
    order
        Frames of the past that an autoregression looks at.
    levels : optional
        Codes in each column of categorical frames; by default the largest seen is the last.
    rate_hz
        Frames a second; 1 makes every duration below a number of frames.
    shortest_s, typical_s, longest_s : optional
        How long a segment lasts: 1 frame, 30 frames and 7 × typical by default; typical only guides the start. Where
        segments seem to last longer than 7 × typical, and no longest was given, they may.
    n_starts
        Starts from averages over a half, a third, … of the typical duration; the best is kept.
    max_iterations, tolerance
        Steps of a climb, and the gain per frame below which it ends.
    search_frames
        Splits and merges are tried on contiguous excerpts of at most so many frames; the last climb sees all.
    cluster : optional
        Address of a Dask scheduler, or a client: the last climb asks each recording where it lies.
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
        emissions: EmissionFamily = "gaussian",
        covariance: str = "full",
        order: int = 1,
        levels: Sequence[int] | None = None,
        rate_hz: float = 1.0,
        shortest_s: float | None = None,
        typical_s: float | None = None,
        longest_s: float | None = None,
        n_starts: int = 2,
        max_iterations: int = 50,
        tolerance: float = 1e-5,
        search_frames: int = 30_000,
        cluster: Any = None,
        random_state: int | None = None,
        progress: Callable[[str, float], Any] | None = None,
    ) -> None:
        self.n_states = n_states
        self.durations = durations
        self.emissions = emissions
        self.covariance = covariance
        self.order = order
        self.levels = levels
        self.rate_hz = rate_hz
        self.shortest_s = shortest_s
        self.typical_s = typical_s
        self.longest_s = longest_s
        self.n_starts = n_starts
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.search_frames = search_frames
        self.cluster = cluster
        self.random_state = random_state
        self.progress = progress

    def _sizes(self) -> tuple[int, int | None, int]:
        require_count("n_states", self.n_states, 2)
        return self.n_states, self.n_states, self.n_states


class HDPHSMM(_SplitAndMerged):
    """A hidden semi-Markov model that finds out how many states there are.

    Transitions are drawn around one shared base, as in a hierarchical Dirichlet process: a state earns its place by
    what it adds to the evidence. Two states may look alike and differ in duration alone.

    Parameters
    ----------
    max_states
        No more than this.
    start_states
        Clusters to begin with; merged and split from there.
    n_starts : optional
        As in `HSMM`; by default 3 of at most 10,000 frames, which say less of where to go, and 1 of more.
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
        emissions: EmissionFamily = "gaussian",
        covariance: str = "full",
        order: int = 1,
        levels: Sequence[int] | None = None,
        rate_hz: float = 1.0,
        shortest_s: float | None = None,
        typical_s: float | None = None,
        longest_s: float | None = None,
        n_starts: int | None = None,
        max_iterations: int = 50,
        tolerance: float = 1e-5,
        search_frames: int = 30_000,
        cluster: Any = None,
        random_state: int | None = None,
        progress: Callable[[str, float], Any] | None = None,
    ) -> None:
        self.max_states = max_states
        self.start_states = start_states
        self.durations = durations
        self.emissions = emissions
        self.covariance = covariance
        self.order = order
        self.levels = levels
        self.rate_hz = rate_hz
        self.shortest_s = shortest_s
        self.typical_s = typical_s
        self.longest_s = longest_s
        self.n_starts = n_starts
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.search_frames = search_frames
        self.cluster = cluster
        self.random_state = random_state
        self.progress = progress

    def _sizes(self) -> tuple[int, int | None, int]:
        require_count("max_states", self.max_states, 2)
        return min(self.max_states, self.start_states), None, self.max_states


def _starts_for(sequences: Sequence[Array]) -> int:
    return 3 if sum(map(len, sequences)) <= _FEW_FRAMES else 1


def _is_cut_short(parameters: Parameters, sequences: Sequence[Array], longest: int) -> bool:
    """Return whether segments might have lasted longer than they may."""
    lengths = segments_of([parameters.decode(frames) for frames in sequences]).lengths
    return share_near(lengths, longest) > CUT_SHORT

"""`GibbsHDPHSMM`: states with all that is uncertain about them, sampled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior.semi_markov._chains import Chain, posterior_of, potential_scale_reduction, run_chain, used_only
from motif.behavior.semi_markov._durations import DurationFamily
from motif.behavior.semi_markov._estimator import SemiMarkovEstimator
from motif.behavior.semi_markov._frame_weight import frame_weight
from motif.behavior.semi_markov._gibbs import drawn_from_prior
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._report import agreement_of
from motif.behavior.semi_markov._settings import EmissionFamily
from motif.behavior.semi_markov._starts import from_labels, smoothed_clusters
from motif.checks import require_count
from motif.errors import ConfigError

__all__ = ["GibbsHDPHSMM"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


class GibbsHDPHSMM(SemiMarkovEstimator):
    """The HDP-HSMM by weak-limit blocked Gibbs sampling: slower than `HDPHSMM`, and it says what it does not know.

    Several chains begin at different clusters. What they say of the number of states, of every frame and of each
    other is kept; `predict` and the like use the most probable sample. With `durations="geometric"` this is the sticky
    HDP-HMM.

    Parameters
    ----------
    max_states
        The weak limit: there are never more.
    n_chains, n_sweeps, n_warm_up, keep_every
        Chains; sweeps of each; how many of these are thrown away first; of the rest every so manieth is kept.
    start_states
        Clusters of smoothed frames that a chain begins with.
    others
        As in `HSMM`; durations cannot be `stages`.

    Attributes
    ----------
    chains_ : list of Chain
        The log joint and the number of states in use after each sweep, and the samples kept.
    n_states_posterior_ : dict
        How probable each number of states is.
    state_probabilities_ : (frames, states)
        Of the frames fitted, averaged over all samples: parameters are uncertain too, so it is less sure than
        `predict_proba`. States are numbered as those of `predict`.
    agreement_ : float
        Adjusted Rand index between the most probable paths of the chains, the mean over pairs; NaN for one chain.
    scale_reduction_ : float
        Of the log joint (split R-hat): near 1 where the chains have come to the same.

    References
    ----------
    Johnson & Willsky (2013), "Bayesian nonparametric hidden semi-Markov models", JMLR 14.
    """

    def __init__(
        self,
        max_states: int = 25,
        *,
        n_chains: int = 3,
        n_sweeps: int = 150,
        n_warm_up: int = 75,
        keep_every: int = 5,
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
        random_state: int | None = None,
        progress: Callable[[str, float], Any] | None = None,
    ) -> None:
        self.max_states = max_states
        self.n_chains = n_chains
        self.n_sweeps = n_sweeps
        self.n_warm_up = n_warm_up
        self.keep_every = keep_every
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
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Self:
        """Sample the states.

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
        sequences = self._learnable(X, lengths, 2)
        self.chains_ = [self._chain(number, sequences) for number in range(self.n_chains)]
        kept = [sample for chain in self.chains_ for sample in chain.kept]
        best = max(kept, key=lambda sample: sample.log_joint)
        reference = np.concatenate(best.paths)
        self.parameters_, states = used_only(best.parameters, reference)
        probabilities = np.concatenate(posterior_of(kept, reference, sequences))
        unused = np.setdiff1d(np.arange(self.max_states), states)
        self.state_probabilities_ = np.hstack([probabilities[:, states], probabilities[:, unused]])
        counts = np.concatenate([chain.n_states[self.n_warm_up :] for chain in self.chains_])
        numbers, times = np.unique(counts, return_counts=True)
        self.n_states_posterior_ = dict(zip(numbers.tolist(), (times / counts.size).tolist(), strict=True))
        self.agreement_ = agreement_of([np.concatenate(chain.best.paths) for chain in self.chains_])
        self.scale_reduction_ = potential_scale_reduction([chain.log_joint[self.n_warm_up :] for chain in self.chains_])
        return self

    @property
    def _elsewhere(self) -> list[Parameters]:
        chains = sorted(getattr(self, "chains_", []), key=lambda chain: -chain.best.log_joint)
        return [used_only(chain.best.parameters, np.concatenate(chain.best.paths))[0] for chain in chains[1:]]

    def _check_settings(self) -> None:
        require_count("max_states", self.max_states, 2)
        require_count("n_chains", self.n_chains)
        if self.random_state is not None:
            require_count("random_state", self.random_state, 0)
        if not 0 <= self.n_warm_up <= self.n_sweeps - 4 or self.keep_every < 1:
            raise ConfigError(
                f"of {self.n_sweeps} sweeps {self.n_warm_up} are thrown away and every {self.keep_every}th of the rest "
                "is kept; want four left or more, and keep_every of 1 or more"
            )
        if self.durations == "stages":
            raise ConfigError("durations 'stages' cannot be sampled; choose geometric or negative_binomial")

    def _chain(self, number: int, sequences: list[Array]) -> Chain:
        rng = np.random.default_rng(None if self.random_state is None else [self.random_state, number])
        model = self._neutral(sequences, self.max_states)
        described = [model.emission.described(part) for part in sequences]
        n_clusters = min(self.start_states, self.max_states)
        labels = smoothed_clusters(described, n_clusters, max(self._frames.typical // (2 + number), 1), rng)
        weight = frame_weight(from_labels(model, sequences, labels), sequences)
        start = drawn_from_prior(replace(model, frame_weight=weight), rng)
        return run_chain(
            start,
            sequences,
            labels,
            n_sweeps=self.n_sweeps,
            n_warm_up=self.n_warm_up,
            keep_every=self.keep_every,
            rng=rng,
            name=f"chain {number + 1}",
            progress=self.progress,
        )

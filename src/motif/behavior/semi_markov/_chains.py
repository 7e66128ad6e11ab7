"""Several chains of samples: run, told apart, matched to one another, and summed up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from motif.behavior.semi_markov._gibbs import Sample, given_paths, swept
from motif.behavior.semi_markov._parameters import Parameters, what_follows

__all__ = ["Chain", "matched", "n_used", "posterior_of", "potential_scale_reduction", "run_chain", "used_only"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_LEAST_SHARE = 0.005
"""A state that holds fewer frames does not count as used."""


@dataclass(frozen=True)
class Chain:
    """Every sweep of one chain, and the samples that were kept."""

    log_joint: Array
    """(sweeps,), log probability of frames and paths."""
    n_states: Labels
    """(sweeps,), how many states hold half a percent of the frames or more."""
    kept: tuple[Sample, ...]
    """After the warm-up, evenly spread over the sweeps."""

    @property
    def best(self) -> Sample:
        """The most probable sample kept."""
        return max(self.kept, key=lambda sample: sample.log_joint)


def run_chain(
    start: Sample,
    sequences: Sequence[Array],
    labels: Sequence[Labels],
    *,
    n_sweeps: int,
    n_warm_up: int,
    keep_every: int,
    rng: np.random.Generator,
    name: str,
    progress: Callable[[str, float], object] | None,
) -> Chain:
    """Return a chain that begins at `labels`, a state for each frame."""
    sample = given_paths(start, sequences, labels, rng)
    log_joint, n_states, kept = np.empty(n_sweeps), np.empty(n_sweeps, np.int64), []
    for sweep in range(n_sweeps):
        sample = swept(drawing := sample, sequences, rng)
        log_joint[sweep], n_states[sweep] = sample.log_joint, n_used(sample.paths)
        if sweep >= n_warm_up and (sweep - n_warm_up) % keep_every == 0:
            kept.append(replace(sample, parameters=drawing.parameters))  # those that `log_joint` is of
        if progress:
            progress(f"{name}, sweep {sweep + 1}", sample.log_joint)
    return Chain(log_joint, n_states, tuple(kept))


def n_used(paths: Sequence[Labels]) -> int:
    """Return how many states hold half a percent of the frames or more."""
    counts = np.bincount(np.concatenate(paths))
    return int((counts >= _LEAST_SHARE * counts.sum()).sum())


def matched(path: Labels, reference: Labels, n_states: int) -> Labels:
    """Return which state of `reference` each state of `path` stands for, one to one, most frames in common."""
    together = np.zeros((n_states, n_states))
    np.add.at(together, (path, reference), 1.0)
    return np.asarray(linear_sum_assignment(-together)[1], np.int64)


def posterior_of(kept: Sequence[Sample], reference: Labels, sequences: Sequence[Array]) -> list[Array]:
    """Return state probabilities (time, states) of each sequence, averaged over samples matched to `reference`."""
    totals = [np.zeros((len(frames), len(kept[0].base))) for frames in sequences]
    for sample in kept:
        names = matched(np.concatenate(sample.paths), reference, len(sample.base))
        for total, frames in zip(totals, sequences, strict=True):
            total[:, names] += sample.parameters.posterior(frames, counting=False).states
    return [total / len(kept) for total in totals]


def used_only(parameters: Parameters, path: Labels) -> tuple[Parameters, Labels]:
    """Return the model without the states that hold no frame of `path`, and which states were kept."""
    states = np.unique(path)
    part = parameters.reordered(states)
    kept = replace(
        part,
        initial=part.initial / part.initial.sum(),
        transition=what_follows(part.transition),
        emission=part.emission.taken(states),
        look=np.arange(len(states)),
    )
    return kept, states


def potential_scale_reduction(traces: Sequence[Array]) -> float:
    """Return how much wider all chains together are than each half of one, 1 where they agree.

    References
    ----------
    Gelman et al. (2013), "Bayesian data analysis", section 11.4: split R-hat.
    """
    half = min(map(len, traces)) // 2
    parts = np.stack([part for trace in traces for part in (trace[:half], trace[-half:])])
    within = parts.var(axis=1, ddof=1).mean()
    between = parts.mean(axis=1).var(ddof=1)
    if within == 0.0:
        return 1.0 if between == 0.0 else np.inf
    return float(np.sqrt((half - 1) / half + between / within))

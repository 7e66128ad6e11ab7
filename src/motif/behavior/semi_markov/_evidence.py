"""What segments say for a model of this size, whatever its parameters: the judge of splits and merges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from motif.behavior.semi_markov._durations import segments_of
from motif.behavior.semi_markov._parameters import Parameters

__all__ = ["evidence", "evidence_alike", "evidence_of_paths", "probability_of_paths"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def evidence(parameters: Parameters, sequences: Sequence[Array]) -> float:
    """Return the log probability of all frames and of the most probable path, all other parameters integrated out.

    References
    ----------
    Biernacki, Celeux & Govaert (2000), "Assessing a mixture model for clustering with the integrated completed
    likelihood".
    """
    return evidence_of_paths(parameters, sequences, [parameters.decode(frames) for frames in sequences])


def evidence_of_paths(parameters: Parameters, sequences: Sequence[Array], paths: Sequence[Labels]) -> float:
    """Return the log probability of all frames and of these paths, (time,) each, parameters integrated out.

    Of `parameters` only the families count, and what a frame is worth.
    """
    frames = parameters.emission.marginal(sequences, paths, parameters.look, parameters.frame_weight)
    return frames + probability_of_paths(parameters, paths)


def evidence_alike(models: Sequence[Parameters], sequences: Sequence[Array]) -> list[float]:
    """Return the evidence of each model, a frame worth the same to all: as much as where states leave least to memory.

    Each has learnt what a frame is worth from what its own states leave unexplained; by that, the model to which frames
    are worth least would seem the most probable.
    """
    weight = max(model.frame_weight for model in models)
    found = []
    for model in models:
        paths = [model.decode(frames) for frames in sequences]
        found.append(evidence_of_paths(replace(model, frame_weight=weight), sequences, paths))
    return found


def probability_of_paths(parameters: Parameters, paths: Sequence[Labels]) -> float:
    """Return the log probability of paths, (time,) each, with durations and what follows what integrated out."""
    if parameters.n_states == 1:
        return 0.0  # nothing else follows: how long it lasts says nothing
    segments = segments_of(paths)
    first = np.bincount(segments.states[segments.is_first], minlength=parameters.n_states)
    return parameters.durations.marginal(segments) + _order_marginal(first, segments.followed(parameters.n_states))


def _order_marginal(first: Labels, followed: Array) -> float:
    """Return how probable it is that segments begin with `first` (states,) and follow each other as they did.

    All rows are drawn around one base, as in a hierarchical Dirichlet process, so a state that is followed by what
    follows others costs next to nothing. How alike the rows are is chosen by their evidence; the base pays as if every
    segment had been drawn from it. States may be numbered in any order; those that hold nothing are not told apart.
    """
    n_states, segments = len(first), first + followed.sum(axis=0)
    log_base = np.log((segments + 1.0) / (segments + 1.0).sum())
    base = special.gammaln(segments + 1.0).sum() - special.gammaln(segments.sum() + n_states)
    base += special.gammaln(n_states) - segments @ log_base
    orders = special.gammaln(n_states + 1.0) - special.gammaln((segments == 0.0).sum() + 1.0)
    return float(first @ log_base + _rows_marginal(followed, np.exp(log_base)) + base + orders)


def _rows_marginal(counts: Array, base: Array) -> float:
    """Return the log probability of counts (states, states) under rows that are drawn around `base`."""
    away = base[None] * (1.0 - np.eye(len(base)))
    away /= away.sum(axis=1, keepdims=True)
    seen = ~np.eye(len(base), dtype=bool)

    def loss(log_concentration: float) -> float:
        prior = np.exp(log_concentration) * away
        rows = special.gammaln(prior.sum(axis=1)) - special.gammaln(prior.sum(axis=1) + counts.sum(axis=1))
        cells = special.gammaln(prior[seen] + counts[seen]) - special.gammaln(prior[seen])
        return -float(rows.sum() + cells.sum())

    best = optimize.minimize_scalar(loss, bounds=(np.log(0.1), np.log(1e4)), method="bounded", options={"xatol": 0.05})
    return -float(best.fun)

"""What the frames say for a model of this size, whatever its parameters: the judge of splits and merges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from motif.behavior.semi_markov._em import Statistics
from motif.behavior.semi_markov._parameters import Parameters

__all__ = ["evidence"]

Array = NDArray[np.float64]


def evidence(parameters: Parameters, statistics: Statistics) -> float:
    """Return the approximate log probability of all frames with the parameters integrated out.

    Emissions and durations pay half the logarithm of what they were learnt from for each parameter. Transitions are
    integrated exactly, given the expected counts: the rows come from one shared base, as in a hierarchical Dirichlet
    process, so a state that is followed by what follows others costs next to nothing. How alike the rows are is chosen
    by their evidence.

    References
    ----------
    Schwarz (1978), "Estimating the dimension of a model". Teh et al. (2006), "Hierarchical Dirichlet processes".
    """
    expected = statistics.expectation
    frames_per_look = statistics.frames_per_look * parameters.frame_weight
    segments = expected.transitions.sum(axis=0) + expected.initial
    per_look = parameters.emission.n_parameters / len(frames_per_look)
    cost = per_look * np.log(np.maximum(frames_per_look, 2.0)).sum()
    cost += parameters.durations.n_parameters * np.log(np.maximum(segments, 2.0)).sum()
    off_diagonal = ~np.eye(len(parameters.look), dtype=bool)
    plugged_in = (expected.transitions * np.log(np.where(off_diagonal, parameters.transition, 1.0))).sum()
    prior = parameters.emission.log_prior
    integrated = _transition_evidence(expected.transitions, segments)
    return float(statistics.log_likelihood + prior - plugged_in + integrated - 0.5 * cost)


def _transition_evidence(counts: Array, segments: Array) -> float:
    """Return the log probability of counts (states, states) under rows drawn around the share of each state."""
    if len(counts) == 1:
        return 0.0  # there is nothing else to follow
    base = (segments + 0.5) / (segments + 0.5).sum()
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

"""How sure of a state, and why not: the moment is ambiguous, or the models disagree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ShapeError
from motif.evaluation._inputs import checked_probabilities
from motif.evaluation._uncertainty import entropy

__all__ = ["StateUncertainty", "match_chains", "state_uncertainty"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StateUncertainty:
    """Entropies in nats, (frames,) each; aleatoric + epistemic = total."""

    total: Array
    """Of the mean posterior."""
    aleatoric: Array
    """Mean over members of their own: what more data of the same kind would not settle."""
    epistemic: Array
    """By how much the members disagree: what more data, or a better search, could settle."""


def state_uncertainty(posteriors: ArrayLike) -> StateUncertainty:
    """Divide the uncertainty of each frame's state by where it comes from.

    Parameters
    ----------
    posteriors : (members, frames, states)
        Of several chains, starts or bootstraps, with the same state in the same column: see `match_chains`.

    References
    ----------
    Depeweg et al. (2018), "Decomposition of uncertainty in Bayesian deep learning for efficient and risk-sensitive
    learning".

    Examples
    --------
    >>> found = state_uncertainty([[[1.0, 0.0]], [[0.0, 1.0]]])  # both sure, and not of the same
    >>> found.aleatoric.round(3).tolist(), found.epistemic.round(3).tolist()
    ([0.0], [0.693])
    """
    members = _members(posteriors)
    total = entropy(members.mean(axis=0))
    aleatoric = np.minimum(entropy(members).mean(axis=0), total)  # Jensen; rounding may cross it
    return StateUncertainty(total, aleatoric, total - aleatoric)


def match_chains(posteriors: ArrayLike) -> Array:
    """Return (members, frames, states) whose columns mean the same: each member's are matched to the first one's.

    Parameters
    ----------
    posteriors : (members, frames, states)
        Give members with fewer states columns of zeros.
    """
    from scipy.optimize import linear_sum_assignment

    members = _members(posteriors)
    matched = members.copy()
    for i in range(1, len(members)):
        _, columns = linear_sum_assignment(members[0].T @ members[i], maximize=True)
        matched[i] = members[i][:, columns]
    return matched


def _members(posteriors: ArrayLike) -> Array:
    members = np.asarray(posteriors)
    if members.ndim != 3 or 0 in members.shape:
        raise ShapeError("posteriors", got=members.shape, want="(members, frames, states)")
    return checked_probabilities(members.reshape(-1, members.shape[2])).reshape(members.shape)

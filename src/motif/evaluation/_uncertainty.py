"""How much of a doubt lies in the movement, and how much in what was never learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ShapeError
from motif.evaluation._inputs import checked_probabilities

__all__ = ["Uncertainty", "entropy", "uncertainty"]


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Entropies in nats, (n,); `total` is the sum of the other two."""

    probabilities: NDArray[np.float64]
    """(n, n_classes), the members' mean."""
    total: NDArray[np.float64]
    """Entropy of the mean."""
    aleatoric: NDArray[np.float64]
    """Mean entropy of the members: the movement itself is ambiguous, more training data will not help."""
    epistemic: NDArray[np.float64]
    """What is left, because the members disagree: nothing like it was learnt."""


def uncertainty(members: ArrayLike) -> Uncertainty:
    """Split the doubt of several networks that learnt the same.

    Parameters
    ----------
    members : (n_members, n, n_classes)
        Probabilities of each member.

    Raises
    ------
    ShapeError, LabelError, DtypeError, NotFiniteError
        These are no probabilities of two or more members.

    References
    ----------
    Depeweg et al. (2018), "Decomposition of Uncertainty in Bayesian Deep Learning", eq. 2; Lakshminarayanan et al.
    (2017), "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles".

    Examples
    --------
    >>> agreed = uncertainty([[[0.5, 0.5]], [[0.5, 0.5]]])
    >>> agreed.aleatoric.round(2), agreed.epistemic.round(2)
    (array([0.69]), array([0.]))
    >>> uncertainty([[[1.0, 0.0]], [[0.0, 1.0]]]).epistemic.round(2)
    array([0.69])
    """
    p = np.asarray(members)
    if p.ndim != 3 or len(p) < 2:
        raise ShapeError("members", got=p.shape, want="(n_members, n, n_classes) of two members or more")
    checked = np.stack([checked_probabilities(member) for member in p])
    mean = checked.mean(axis=0)
    total, aleatoric = entropy(mean), entropy(checked).mean(axis=0)
    return Uncertainty(mean, total, aleatoric, np.maximum(total - aleatoric, 0.0))


def entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (…) nats of probabilities (…, n_classes)."""
    return np.asarray(-(p * np.log(np.maximum(p, np.finfo(np.float64).tiny))).sum(axis=-1))

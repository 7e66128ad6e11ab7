"""How strange a movement may be and still count as a gesture: learnt from samples, and from ordinary movement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.base import clone

__all__ = ["held_out_scores", "limit_with_background", "taught_limit"]

_N_FOLDS = 5
_LEAST_SPREAD = 0.3  # of the logarithm: no person repeats a gesture more evenly than a third up or down
_LARGEST = 700.0


def held_out_scores(
    classifier: Any, X: NDArray[np.float32], y: NDArray[Any], groups: NDArray[Any] | None
) -> NDArray[np.float64]:
    """Return how strange each sample looks to a classifier that was not taught with it, or with its group.

    Returns
    -------
    (n,)
        NaN for a sample whose gesture nothing else was left to teach.
    """
    folds = _folds(y, groups)
    scores = np.full(len(y), np.nan)
    for fold in np.unique(folds):
        out, rest = folds == fold, folds != fold
        known = out & np.isin(y, np.unique(y[rest]))
        if known.any() and len(np.unique(y[rest])) > 1:
            members = None if groups is None else groups[rest]
            scores[known] = clone(classifier).fit(X[rest], y[rest], groups=members).outlier_score(X[known])
    return scores


def taught_limit(scores: NDArray[np.float64], keep: float) -> float:
    """Return the score that a next sample stays below with a probability of `keep`; infinity where none is known.

    From enough scores it is their conformal quantile. Fewer than that cannot say without a model: then the logarithm
    of a score counts as normal, and the limit is that of its prediction interval, which is wide for two or three.

    References
    ----------
    Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World. Hahn and Meeker (1991), Statistical
    Intervals, 4.8.
    """
    known = np.sort(scores[np.isfinite(scores)])
    n = len(known)
    if n == 0:
        return np.inf
    rank = int(np.ceil((n + 1) * keep))
    if rank <= n:
        return float(known[rank - 1])
    logarithms = np.log(np.maximum(known, np.finfo(np.float64).tiny ** 0.5))
    spread = max(float(logarithms.std(ddof=1)) if n > 1 else 0.0, _LEAST_SPREAD)
    reach = float(student.ppf(keep, max(n - 1, 1))) * np.sqrt(1 + 1 / n)
    return float(np.exp(min(logarithms.mean() + reach * spread, _LARGEST)))


def limit_with_background(limit: float, background: NDArray[np.float64], allowed: float) -> float:
    """Return a limit that leaves at most `allowed` of the background's movements below it."""
    scores = np.sort(background)
    n_allowed = int(allowed)
    if n_allowed >= len(scores):
        return limit
    return min(limit, float(np.nextafter(scores[n_allowed], -np.inf)))


def _folds(y: NDArray[Any], groups: NDArray[Any] | None) -> NDArray[np.int64]:
    if groups is not None and len(np.unique(groups)) > 1:
        return np.unique(groups, return_inverse=True)[1].astype(np.int64)
    folds = np.zeros(len(y), np.int64)
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        folds[members] = np.arange(len(members)) % _N_FOLDS
    return folds

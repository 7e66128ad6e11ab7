"""Ridge regression on class membership, solved once; and what it says of each sample when that was left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Discriminant", "discriminant"]

_FLOOR = 0.01
"""Added to each feature's spread: a share that hardly varies is not blown up."""
_SHRINKAGE = 0.1
"""Of the mean diagonal of the Gram matrix."""


@dataclass(frozen=True, slots=True, eq=False)
class Discriminant:
    """One score for each class: about 1 where it is the one, -1 where it is not."""

    weights: NDArray[np.float64]
    """(n_features, n_classes), for features as they come."""
    offset: NDArray[np.float64]
    """(n_classes,)."""
    left_out: NDArray[np.float64]
    """(n, n_classes): the scores of each when all of its part were left out."""


def discriminant(
    features: NDArray[np.float32], labels: NDArray[np.int64], parts: NDArray[np.int64], n_classes: int
) -> Discriminant:
    """Solve the regression in its dual form, and leave out each part in closed form.

    Parameters
    ----------
    features : (n, n_features)
    labels : (n,)
        Classes.
    parts : (n,)
        What is left out together shares a number: a sample and its varied copies, or all of a person.
    n_classes : int

    References
    ----------
    Rifkin and Lippert (2007), "Notes on regularized least squares", MIT-CSAIL-TR-2007-025, for leaving out.
    """
    wide = features.astype(np.float64)
    centre, scale = wide.mean(axis=0), wide.std(axis=0) + _FLOOR
    wide = (wide - centre) / scale
    gram = wide @ wide.T
    n = len(gram)
    inverse = np.linalg.inv(gram + max(_SHRINKAGE * np.trace(gram) / n, 1e-9) * np.eye(n))
    target = np.where(labels[:, None] == np.arange(n_classes), 1.0, -1.0)
    prior = target.mean(axis=0)
    dual = inverse @ (target - prior)
    weights = (wide.T @ dual) / scale[:, None]
    order = np.argsort(parts, kind="stable")
    left_out = np.empty_like(target)
    for part in np.split(order, np.flatnonzero(np.diff(parts[order])) + 1):
        left_out[part] = target[part] - np.linalg.solve(inverse[np.ix_(part, part)], dual[part])
    return Discriminant(weights, prior - centre @ weights, left_out)

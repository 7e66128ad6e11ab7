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
    """(n_families, n_classes): the first member's scores when it and its copies were left out."""


def discriminant(
    features: NDArray[np.float32], labels: NDArray[np.int64], family: NDArray[np.int64], n_classes: int
) -> Discriminant:
    """Solve the regression in its dual form, and leave out each family in closed form.

    Parameters
    ----------
    features : (n, n_features)
    labels : (n,)
        Classes.
    family : (n,)
        0…n_families - 1: a sample and its varied copies share a number; the first of each is the sample itself.
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
    order = np.argsort(family, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(family[order])) + 1)
    left_out = [(target[m] - np.linalg.solve(inverse[np.ix_(m, m)], dual[m]))[0] for m in members]
    return Discriminant(weights, prior - centre @ weights, np.stack(left_out))

"""Several recognizers that learnt the same from different first weights, asked together."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError
from motif.evaluation._uncertainty import Uncertainty, uncertainty

__all__ = ["Ensemble"]


class Ensemble:
    """A deep ensemble: its members' mean answers, their disagreement says what was never learnt.

    Parameters
    ----------
    make : callable
        Takes a seed and gives an unfitted recognizer.
    n_members : int
        At least 2; more than five gain little.

    Raises
    ------
    ConfigError
        There are fewer than two members.

    References
    ----------
    Lakshminarayanan, Pritzel and Blundell (2017), "Simple and Scalable Predictive Uncertainty Estimation using Deep
    Ensembles".

    Examples
    --------
    >>> from sklearn.neural_network import MLPClassifier
    >>> ensemble = Ensemble(lambda seed: MLPClassifier(random_state=seed, max_iter=20, solver="lbfgs"), n_members=3)
    >>> X = np.array([[-1.0], [-0.9], [1.0], [0.9]])
    >>> ensemble.fit(X, [0, 0, 1, 1]).predict(X).tolist()
    [0, 0, 1, 1]
    """

    def __init__(self, make: Callable[[int], Any], n_members: int = 5) -> None:
        if n_members < 2:
            raise ConfigError(f"n_members is {n_members}; want at least 2, usually 5")
        self.make = make
        self.n_members = n_members
        self.members_: list[Any] = []

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit every member on the same windows; the seeds are 0, 1, 2, …"""
        members = [self.make(seed) for seed in range(self.n_members)]
        for member in members:
            takes_groups = groups is not None and "groups" in signature(member.fit).parameters
            member.fit(X, y, **({"groups": groups} if takes_groups else {}))
        self.members_, self.classes_ = members, np.asarray(members[0].classes_)
        return self

    def uncertainty(self, X: ArrayLike) -> Uncertainty:
        """Return the mean probabilities of each window, and the doubt split in two."""
        return uncertainty(np.stack([np.asarray(member.predict_proba(X)) for member in self.members_]))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the mean probability of each class, (n, n_classes)."""
        return self.uncertainty(X).probabilities.astype(np.float32)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each window, (n,)."""
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

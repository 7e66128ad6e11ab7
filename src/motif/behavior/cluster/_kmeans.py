"""k-means, from scikit-learn."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.cluster._clusterer import Clusterer

__all__ = ["KMeansClusterer", "k_means"]

Array = NDArray[np.float64]


class KMeansClusterer(Clusterer):
    """k round clusters of about one size.

    Parameters
    ----------
    random_state, min_support, audit_dir
        See `Clusterer`.
    n_init : int
        Starts; the one with the smallest distances counts.

    Examples
    --------
    >>> points = np.repeat([[0.0, 0.0], [5.0, 5.0]], [20, 30], axis=0)
    >>> labels = KMeansClusterer(random_state=42).fit_predict(points, k=2)
    >>> labels[:2].tolist(), labels[-2:].tolist()
    ([1, 1], [0, 0])
    """

    algorithm = "kmeans"

    def __init__(
        self,
        *,
        random_state: int = 42,
        min_support: float = 0.01,
        audit_dir: str | Path | None = None,
        n_init: int = 3,
    ) -> None:
        super().__init__(random_state=random_state, min_support=min_support, audit_dir=audit_dir)
        self.n_init = n_init

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments that decide the labels, JSON-ready."""
        return super().settings() | {"n_init": self.n_init}

    def partition(self, features: Array, k: int, groups: NDArray[np.int64] | None) -> _Centers:
        """Fit `k` centers."""
        return _Centers(k_means(features, k, n_init=self.n_init, random_state=self.random_state))


def k_means(features: Array, k: int, *, n_init: int, random_state: int) -> Any:
    """Return a fitted `sklearn.cluster.KMeans`; fewer distinct points than clusters are no reason to warn."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return KMeans(k, n_init=n_init, random_state=random_state).fit(features.astype(np.float32))


class _Centers:
    def __init__(self, fitted: Any) -> None:
        self.centers = fitted.cluster_centers_.astype(np.float64)
        self.iterations = int(fitted.n_iter_)
        self.converged = self.iterations < fitted.max_iter

    def scores(self, features: Array) -> Array:
        """Return minus the squared distance to each center, but for what all share."""
        return np.asarray(2 * features @ self.centers.T - np.square(self.centers).sum(axis=1))

"""A mixture of Gaussians, from scikit-learn."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.cluster._clusterer import Clusterer
from motif.behavior.cluster._principal import PrincipalAxes

__all__ = ["GMMClusterer"]

Array = NDArray[np.float64]


class GMMClusterer(Clusterer):
    """k clusters, each with a shape of its own: Gaussians with full covariances on the principal axes.

    Parameters
    ----------
    random_state, min_support, audit_dir
        See `Clusterer`.
    n_init : int
        Starts; the likeliest counts.
    max_axes : int
        Features of more dimensions are projected on so many principal axes first, or fewer that hold 95 % of the
        variance: covariances of sixty-four dimensions ask for thousands of points each.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> points = np.concatenate([rng.normal(0, 1, (60, 3)), rng.normal(6, 2, (40, 3))])
    >>> labels = GMMClusterer(random_state=42).fit_predict(points, k=2)
    >>> np.bincount(labels).tolist()
    [60, 40]
    """

    algorithm = "gmm"

    def __init__(
        self,
        *,
        random_state: int = 42,
        min_support: float = 0.01,
        audit_dir: str | Path | None = None,
        n_init: int = 3,
        max_axes: int = 16,
    ) -> None:
        super().__init__(random_state=random_state, min_support=min_support, audit_dir=audit_dir)
        self.n_init = n_init
        self.max_axes = max_axes

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments that decide the labels, JSON-ready."""
        return super().settings() | {"n_init": self.n_init, "max_axes": self.max_axes}

    def partition(self, features: Array, k: int, groups: NDArray[np.int64] | None) -> _Mixture:
        """Fit `k` Gaussians."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        axes = PrincipalAxes.of(features, self.max_axes)
        mixture = GaussianMixture(k, n_init=self.n_init, random_state=self.random_state, reg_covar=1e-4)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the record says whether it converged
            return _Mixture(axes, mixture.fit(axes.project(features)))


class _Mixture:
    def __init__(self, axes: PrincipalAxes, fitted: Any) -> None:
        self.axes, self.fitted = axes, fitted
        self.iterations, self.converged = int(fitted.n_iter_), bool(fitted.converged_)

    def scores(self, features: Array) -> Array:
        """Return the logarithm of each component's share of the density."""
        likelihoods: Array = self.fitted._estimate_weighted_log_prob(self.axes.project(features))
        return likelihoods

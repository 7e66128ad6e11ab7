"""A hierarchical Dirichlet process mixture: groups share clusters, and how many there are is found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, logsumexp

from motif.behavior.cluster._clusterer import Clusterer
from motif.behavior.cluster._kmeans import k_means
from motif.behavior.cluster._niw import Moments, NormalInverseWishart
from motif.behavior.cluster._principal import PrincipalAxes

__all__ = ["HDPClusterer"]

Array = NDArray[np.float64]
TOLERANCE = 1e-3
"""Rounds end when no cluster gains or loses this share of the points."""


class HDPClusterer(Clusterer):
    """As many clusters as the points ask for: Gaussians under a hierarchical Dirichlet process.

    Each group (animal, session) has its own shares of clusters that all groups have in common. Truncated variational
    inference from k-means; then clusters are merged as long as that makes the points more probable, which lifts the
    fit out of the many optima where one cluster is split.

    Parameters
    ----------
    random_state, min_support, audit_dir
        See `Clusterer`. With `fit_predict(features, k)`, `k` is the most clusters there may be; 25 is a good start.
    max_axes : int
        See `GMMClusterer`; the more axes, the more points it takes to tell clusters apart.
    concentration, group_concentration : float
        γ and α: how readily new clusters are made, and how alike the groups' shares are.
    within : float
        Share of the variance expected inside a cluster, before any point is seen.
    max_rounds : int
        Of variational inference, before merging and after.

    References
    ----------
    Teh, Jordan, Beal, Blei (2006), "Hierarchical Dirichlet Processes", JASA 101:1566–1581.
    Teh, Kurihara, Welling (2007), "Collapsed variational inference for HDP", NIPS 20, for the expected table counts.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> points = np.concatenate([rng.normal(m, 1, (80, 2)) for m in ([0, 0], [9, 0], [0, 9])])
    >>> clusterer = HDPClusterer(random_state=42)
    >>> labels = clusterer.fit_predict(points, k=12)
    >>> clusterer.n_clusters_
    3
    """

    algorithm = "hdp"

    def __init__(
        self,
        *,
        random_state: int = 42,
        min_support: float = 0.01,
        audit_dir: str | Path | None = None,
        max_axes: int = 8,
        concentration: float = 1.0,
        group_concentration: float = 5.0,
        within: float = 0.2,
        max_rounds: int = 8,
    ) -> None:
        super().__init__(random_state=random_state, min_support=min_support, audit_dir=audit_dir)
        self.max_axes = max_axes
        self.concentration = concentration
        self.group_concentration = group_concentration
        self.within = within
        self.max_rounds = max_rounds

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments that decide the labels, JSON-ready."""
        names = ("max_axes", "concentration", "group_concentration", "within", "max_rounds")
        return super().settings() | {name: getattr(self, name) for name in names}

    def partition(self, features: Array, k: int, groups: NDArray[np.int64] | None) -> _Belief:
        """Find at most `k` clusters."""
        axes = PrincipalAxes.of(features, self.max_axes)
        points = axes.project(features)
        members = np.zeros(len(points), np.int64) if groups is None else groups
        prior = NormalInverseWishart.prior(np.maximum(points.var(axis=0), 1e-6), within=self.within)
        start = k_means(points, k, n_init=1, random_state=self.random_state).labels_
        shares, rounds, _ = self._infer(points, members, np.eye(k)[start], prior)
        shares = _merged(points, shares, prior, self.concentration)
        shares, more, converged = self._infer(points, members, shares, prior)
        weights, _ = self._weights(shares, members)
        believed = prior.posterior(Moments.of(points, shares))
        return _Belief(axes, believed, np.log(weights), rounds + more, converged)

    def _infer(
        self, points: Array, groups: NDArray[np.int64], shares: Array, prior: NormalInverseWishart
    ) -> tuple[Array, int, bool]:
        """Return shares (n, k) after at most `max_rounds` of coordinate ascent."""
        for done in range(1, self.max_rounds + 1):
            before = shares.sum(axis=0)
            _, log_group_weights = self._weights(shares, groups)
            densities = prior.posterior(Moments.of(points, shares)).expected_log_density(points)
            joint = densities + log_group_weights[groups]
            shares = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
            if np.abs(shares.sum(axis=0) - before).max() < TOLERANCE * len(points):
                return shares, done, True
        return shares, self.max_rounds, False

    def _weights(self, shares: Array, groups: NDArray[np.int64]) -> tuple[Array, Array]:
        """Return the clusters' shares over all groups (k,) and the expected logarithm of each group's (groups, k)."""
        counts = np.zeros((groups.max() + 1, shares.shape[1]))
        np.add.at(counts, groups, shares)
        weights = np.full(shares.shape[1], 1 / shares.shape[1])
        for _ in range(5):
            wanted = self.group_concentration * weights
            tables = (wanted * (digamma(wanted + counts) - digamma(wanted))).sum(axis=0)
            weights = self._broken_stick(tables)
        wanted = self.group_concentration * weights + counts
        return weights, digamma(wanted) - digamma(wanted.sum(axis=1, keepdims=True))

    def _broken_stick(self, tables: Array) -> Array:
        order = np.argsort(-tables, kind="stable")
        sorted_tables = tables[order]
        rest = np.cumsum(sorted_tables[::-1])[::-1] - sorted_tables
        taken = (1 + sorted_tables) / (1 + self.concentration + sorted_tables + rest)
        taken[-1] = 1.0
        weights: Array = np.empty_like(taken)
        weights[order] = taken * np.concatenate([[1.0], np.cumprod(1 - taken[:-1])])
        return np.asarray(np.maximum(weights, 1e-12))


@dataclass(frozen=True, eq=False)
class _Belief:
    axes: PrincipalAxes
    gaussians: NormalInverseWishart
    log_weights: Array
    iterations: int
    converged: bool

    def scores(self, features: Array) -> Array:
        """Return the expected logarithm of each cluster's share of the density."""
        densities = self.gaussians.expected_log_density(self.axes.project(features))
        return np.asarray(densities + self.log_weights)


def _merged(points: Array, shares: Array, prior: NormalInverseWishart, concentration: float) -> Array:
    """Join the pair that gains most in marginal likelihood under a Dirichlet process, as long as one gains."""
    moments = Moments.of(points, shares)
    worth = _worth(prior, moments, concentration)
    gains = _pair_gains(prior, moments, worth, concentration)
    while len(worth) > 1 and (best := gains.max()) > 0:
        a, b = sorted(map(int, np.argwhere(gains == best)[0]))
        moments = moments.merged(a, b)
        shares = np.delete(np.where(np.arange(shares.shape[1]) == a, shares + shares[:, b, None], shares), b, axis=1)
        gains = np.delete(np.delete(gains, b, axis=0), b, axis=1)
        worth = _worth(prior, moments, concentration)
        gains[a] = gains[:, a] = _gains_of(a, prior, moments, worth, concentration)
    return shares


def _pair_gains(prior: NormalInverseWishart, moments: Moments, worth: Array, concentration: float) -> Array:
    return np.stack([_gains_of(a, prior, moments, worth, concentration) for a in range(len(worth))])


def _gains_of(a: int, prior: NormalInverseWishart, moments: Moments, worth: Array, concentration: float) -> Array:
    """Return by how much the log probability grows when component `a` is joined with each other."""
    gains: Array = _worth(prior, moments.pair(a, np.arange(len(worth))), concentration) - worth[a] - worth
    gains[a] = -np.inf
    return gains


def _worth(prior: NormalInverseWishart, moments: Moments, concentration: float) -> Array:
    """Return each component's part of the log probability of points and partition."""
    return np.asarray(prior.log_marginal(moments) + np.log(concentration) + gammaln(np.maximum(moments.count, 1e-3)))

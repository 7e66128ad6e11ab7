"""Gaussians with a normal-inverse-Wishart prior: posteriors, expected and marginal likelihoods in closed form.

References
----------
Murphy (2007), "Conjugate Bayesian analysis of the Gaussian distribution", section 9; Bishop (2006), section 10.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, multigammaln

__all__ = ["Moments", "NormalInverseWishart"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """What a Gaussian's posterior depends on, for k components; moments of disjoint points add up."""

    count: Array  # (k,)
    total: Array  # (k, d)
    products: Array  # (k, d, d)

    @classmethod
    def of(cls, points: Array, shares: Array) -> Self:
        """Take points (n, d) of which `shares` (n, k) belong to each component."""
        products = np.stack([(points * share[:, None]).T @ points for share in shares.T])
        return cls(shares.sum(axis=0), shares.T @ points, products)

    def merged(self, a: int, b: int) -> Moments:
        """Return the moments with component `b` gone into `a`."""
        parts = []
        for part in (self.count, self.total, self.products):
            part = part.copy()
            part[a] += part[b]
            parts.append(np.delete(part, b, axis=0))
        return Moments(*parts)

    def pair(self, a: int, others: NDArray[np.int64]) -> Moments:
        """Return the moments of component `a` together with each of `others`."""
        return Moments(*(part[a] + part[others] for part in (self.count, self.total, self.products)))


@dataclass(frozen=True, eq=False)
class NormalInverseWishart:
    """Distributions over k Gaussians' means and covariances; a prior has k = 1."""

    strength: Array  # κ, (k,): how many points the mean is worth
    freedom: Array  # ν, (k,)
    mean: Array  # (k, d)
    scatter: Array  # Ψ, (k, d, d)

    @classmethod
    def prior(cls, variances: Array, *, within: float) -> Self:
        """Expect covariances of `within` times the `variances` (d,) of all points, and means that spread as points do.

        Points are centred and their axes uncorrelated.
        """
        return cls(np.array([within]), np.array([len(variances) + 2.0]), np.zeros((1, len(variances))),
                   within * np.diag(variances)[None])  # fmt: skip

    def posterior(self, moments: Moments) -> NormalInverseWishart:
        """Return what is believed after points with these moments; `self` is a prior centred at zero."""
        strength, freedom = self.strength + moments.count, self.freedom + moments.count
        mean = moments.total / strength[:, None]
        scatter = self.scatter + moments.products - strength[:, None, None] * mean[:, :, None] * mean[:, None, :]
        return NormalInverseWishart(strength, freedom, mean, scatter)

    def log_marginal(self, moments: Moments) -> Array:
        """Return the logarithm of the probability of each component's points, (k,), whatever its Gaussian is."""
        after, d = self.posterior(moments), self.mean.shape[1]
        return np.asarray(after._log_normalizer() - self._log_normalizer() - moments.count * d / 2 * np.log(np.pi))

    def expected_log_density(self, points: Array) -> Array:
        """Return the mean over all Gaussians believed of the log density of points (n, d): (n, k)."""
        d = points.shape[1]
        halves = np.linalg.cholesky(self.scatter)
        log_det = 2 * np.log(np.diagonal(halves, axis1=1, axis2=2)).sum(axis=1)
        entropy = digamma((self.freedom[:, None] - np.arange(d)) / 2).sum(axis=1) - log_det - d * np.log(np.pi)
        densities = np.empty((len(points), len(self.mean)))
        for k, (half, mean) in enumerate(zip(halves, self.mean, strict=True)):
            whitened = (points - mean) @ np.linalg.inv(half).T
            densities[:, k] = np.einsum("ij,ij->i", whitened, whitened)
        return np.asarray(0.5 * (entropy - d / self.strength - self.freedom * densities))

    def _log_normalizer(self) -> Array:
        d = self.mean.shape[1]
        log_det = np.linalg.slogdet(self.scatter)[1]
        gammas = np.array([multigammaln(freedom / 2, d) for freedom in self.freedom])
        return np.asarray(gammas - self.freedom / 2 * log_det - d / 2 * np.log(self.strength))

"""What is known of covariances before any frame is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["CovariancePrior"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CovariancePrior:
    """An inverse Wishart distribution; of diagonal covariances an inverse gamma for each feature."""

    scatter: Array
    """(features, features), diagonal."""
    diagonal: bool

    @property
    def freedom(self) -> float:
        """The least that leaves the distribution a mean."""
        return (1.0 if self.diagonal else len(self.scatter)) + 2.0

    def log_probability(self, scatter: Array, count: float) -> float:
        """Return how probable `count` vectors with this sum of squares are, whatever their covariance."""
        n_features = len(scatter)
        together = 1 if self.diagonal else n_features  # features that share a matrix
        before, after = self.freedom, self.freedom + count
        ways = special.multigammaln(after / 2.0, together) - special.multigammaln(before / 2.0, together)
        total = n_features / together * ways - 0.5 * count * n_features * np.log(np.pi)
        return float(total + 0.5 * (before * self._volume(self.scatter) - after * self._volume(self.scatter + scatter)))

    def expected(self, scatter: Array, count: float) -> Array:
        """Return the covariance that is expected after so many vectors with this sum of squares."""
        mean = (self.scatter + scatter) / (count + 1.0)
        return np.diag(np.diag(mean)) if self.diagonal else mean

    def _volume(self, scatter: Array) -> float:
        return float(np.log(np.diag(scatter)).sum() if self.diagonal else np.linalg.slogdet(scatter)[1])

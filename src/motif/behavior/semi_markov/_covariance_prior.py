"""What is known of covariances before any frame is seen, and what all looks together say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["CovariancePrior"]

Array = NDArray[np.float64]

_FRAMES = np.geomspace(1.0, 1024.0, 11)
_VARIANCES = np.geomspace(1e-4, 2.0, 34)


@dataclass(frozen=True)
class CovariancePrior:
    """An inverse Wishart distribution; of diagonal covariances an inverse gamma for each feature."""

    n_features: int
    diagonal: bool
    variance: float = 0.25
    """What a variance is expected to be, as a share of the variance of all frames."""
    frames: float = 1.0
    """How many frames that counts as: the more, the more alike are the covariances of all looks."""

    @property
    def scatter(self) -> Array:
        """(features, features), diagonal."""
        return np.asarray(self.frames * self.variance * np.eye(self.n_features))

    @property
    def freedom(self) -> float:
        """As much as leaves the distribution `variance` as its mean."""
        return self._together + 1.0 + self.frames

    def learnt(self, scatters: Array, counts: Array) -> Self:
        """Return the prior under which these frames are most probable, whatever the covariance of each look.

        Parameters
        ----------
        scatters : (looks, features, features)
            Sums of squares.
        counts : (looks,)
            Of so many vectors.

        References
        ----------
        Haff (1980), "Empirical Bayes estimation of the multivariate normal covariance matrix".
        """
        axes = np.diagonal(scatters, axis1=1, axis2=2) if self.diagonal else np.linalg.eigvalsh(scatters)
        frames, variances = _FRAMES[:, None], _VARIANCES[None]
        before = self._together + 1.0 + frames
        total = np.zeros((frames.size, variances.size))
        for spread, count in zip(np.maximum(axes, 0.0), counts, strict=True):
            volume = np.log(spread + (frames * variances)[:, :, None]).sum(axis=2)
            total += self._ways(before, count) - 0.5 * (before + count) * volume
            total += 0.5 * before * self.n_features * np.log(frames * variances)
        best = np.unravel_index(total.argmax(), total.shape)
        return replace(self, frames=float(_FRAMES[best[0]]), variance=float(_VARIANCES[best[1]]))

    def log_probability(self, scatter: Array, count: float) -> float:
        """Return how probable `count` vectors with this sum of squares are, whatever their covariance."""
        before, after = self.freedom, self.freedom + count
        total = float(self._ways(before, count)) - 0.5 * count * self.n_features * np.log(np.pi)
        return float(total + 0.5 * (before * self._volume(self.scatter) - after * self._volume(self.scatter + scatter)))

    def expected(self, scatter: Array, count: float) -> Array:
        """Return the covariance that is expected after so many vectors with this sum of squares."""
        mean = (self.scatter + scatter) / (count + self.frames)
        return np.diag(np.diag(mean)) if self.diagonal else mean

    @property
    def _together(self) -> int:
        """How many features share a matrix."""
        return 1 if self.diagonal else self.n_features

    def _ways(self, freedom: float | Array, count: float) -> Array:
        """Return the ratio of the normalizing constants after and before, in nats."""
        after, before = (special.multigammaln(n / 2.0, self._together) for n in (freedom + count, freedom))
        return np.asarray(self.n_features / self._together * (after - before))

    def _volume(self, scatter: Array) -> float:
        return float(np.log(np.diag(scatter)).sum() if self.diagonal else np.linalg.slogdet(scatter)[1])

"""Frames of a state are normally distributed, with a covariance that is full or diagonal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

__all__ = ["GaussianEmission"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianEmission:
    """Means and covariances, one for each look a state can have; frames that hold a NaN say nothing."""

    means: Array
    """(looks, features)."""
    covariances: Array
    """(looks, features, features), or (looks, features) where they are diagonal."""
    prior: Array
    """(features, features) or (features,): what a covariance is drawn towards, and never far below."""
    prior_frames: float = 5.0
    """How many frames the prior counts as."""

    @classmethod
    def of(cls, frames: Array, n_looks: int, *, diagonal: bool) -> GaussianEmission:
        """Return looks that all are as the frames are on average."""
        seen = frames[np.isfinite(frames).all(axis=1)]
        variance = np.maximum(seen.var(axis=0), 1e-12)
        prior = 0.05 * (variance if diagonal else np.diag(variance))
        start = variance if diagonal else np.diag(variance)
        means = np.repeat(seen.mean(axis=0)[None], n_looks, axis=0)
        return cls(means=means, covariances=np.repeat(start[None], n_looks, axis=0), prior=prior)

    @property
    def n_parameters(self) -> int:
        """How many numbers are learnt."""
        features = self.means.shape[1]
        per_state = features + (features if self.covariances.ndim == 2 else features * (features + 1) // 2)
        return int(per_state * len(self.means))

    @property
    def log_prior(self) -> float:
        """What the prior says of the covariances, up to a constant."""
        if self.prior.ndim == 1:
            volume, ratio = np.log(self.covariances).sum(), (self.prior / self.covariances).sum()
        else:
            volume = np.linalg.slogdet(self.covariances)[1].sum()
            ratio = np.trace(np.linalg.solve(self.covariances, self.prior[None]), axis1=1, axis2=2).sum()
        return float(-0.5 * self.prior_frames * (volume + ratio))

    def log_density(self, frames: Array) -> Array:
        """Return (time, looks); a frame that holds a NaN has 0 everywhere."""
        missing = np.asarray(~np.isfinite(frames).all(axis=1))
        filled = np.where(missing[:, None], 0.0, frames)
        density = np.empty((len(frames), len(self.means)))
        for k, (mean, covariance) in enumerate(zip(self.means, self.covariances, strict=True)):
            away = filled - mean
            if covariance.ndim == 1:
                distance = (away**2 / covariance).sum(axis=1)
                log_volume = np.log(covariance).sum()
            else:
                factor = np.linalg.cholesky(covariance)
                whitener = solve_triangular(factor, np.eye(len(mean)), lower=True)
                distance = np.einsum("ij,ij->i", *[away @ whitener.T] * 2)
                log_volume = 2.0 * np.log(np.diag(factor)).sum()
            density[:, k] = -0.5 * (distance + log_volume + mean.size * np.log(2.0 * np.pi))
        density[missing] = 0.0
        return density

    def fitted(self, frames: Array, weights: Array) -> GaussianEmission:
        """Return the most probable looks for frames (time, features) with weights (time, looks)."""
        seen = np.asarray(np.isfinite(frames).all(axis=1))
        filled, weights = np.where(seen[:, None], frames, 0.0), np.where(seen[:, None], weights, 0.0)
        counts = weights.sum(axis=0)
        means, covariances = self.means.copy(), self.covariances.copy()
        for k, count in enumerate(counts):
            if count < 1.0:
                continue  # nobody there: the look stays as it is
            means[k] = weights[:, k] @ filled / count
            away = filled - means[k]
            away *= np.sqrt(weights[:, k])[:, None]
            scatter = (away**2).sum(axis=0) if self.prior.ndim == 1 else away.T @ away
            covariances[k] = (scatter + self.prior_frames * self.prior) / (count + self.prior_frames)
        return replace(self, means=means, covariances=covariances)

    def taken(self, looks: NDArray[np.int64]) -> GaussianEmission:
        """Return these looks, in this order."""
        return replace(self, means=self.means[looks], covariances=self.covariances[looks])

    def sample(self, states: NDArray[np.int64], rng: np.random.Generator) -> Array:
        """Return a frame for each look in `states`, (time, features)."""
        noise = rng.standard_normal((len(states), self.means.shape[1]))
        frames = self.means[states]
        for k, covariance in enumerate(self.covariances):
            here = states == k
            spread = np.diag(np.sqrt(covariance)) if covariance.ndim == 1 else np.linalg.cholesky(covariance)
            frames[here] += noise[here] @ spread.T
        return frames

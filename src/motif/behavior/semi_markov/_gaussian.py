"""Frames of a state are normally distributed around a mean, or around what the frames before them lead to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from motif.behavior.semi_markov._covariance_prior import CovariancePrior
from motif.behavior.semi_markov._emission import summed
from motif.behavior.semi_markov._quadratic import CHUNK, evaluate, moments
from motif.behavior.semi_markov._segment_marginal import segments_marginal

__all__ = ["GaussianEmission"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_FAR = 1e50
"""No frame counts as farther away than so many times the scale: its square must fit a float."""
_ANCHOR = 0.05
"""How many frames at the mean of all, or at no influence of the past, each coefficient is given beside what it sees."""


@dataclass(frozen=True)
class GaussianEmission:
    """A linear regression of each frame on 1 and the `order` frames before it; of order 0 that is a mean.

    Frames are seen relative to `centre` and `scale`. One that holds a NaN, or whose past does, says nothing.
    """

    coefficients: Array
    """(looks, features, 1 + order × features), of 1, the frame before, the one before that."""
    covariances: Array
    """(looks, features, features), of what is left."""
    centre: Array
    """(features,)."""
    scale: Array
    """(features,)."""
    offsets: Array
    """(features, features), what a covariance is never narrower than: what segments of one state differ by."""
    prior: CovariancePrior
    """Of the covariances; no variance falls far below what it expects."""
    order: int = 0

    @classmethod
    def of(cls, sequences: list[Array], n_looks: int, *, diagonal: bool, order: int = 0) -> Self:
        """Return looks that all are as the frames are on average."""
        frames = np.concatenate(sequences)
        seen = frames[np.isfinite(frames).all(axis=1)]
        centre = seen.mean(axis=0)
        n_features = centre.size
        spread = np.maximum(seen.std(axis=0), 1e-9 * np.abs(centre))
        return cls(
            coefficients=np.zeros((n_looks, n_features, 1 + order * n_features)),
            covariances=np.repeat(np.eye(n_features)[None], n_looks, axis=0),
            centre=centre,
            scale=np.where(spread > 0.0, spread, 1.0),
            offsets=np.zeros((n_features, n_features)),
            prior=CovariancePrior(n_features, diagonal),
            order=order,
        )

    @property
    def diagonal(self) -> bool:
        """Whether what is left of a feature says nothing of the others."""
        return self.prior.diagonal

    @property
    def n_looks(self) -> int:
        return len(self.coefficients)

    @property
    def means(self) -> Array:
        """(looks, features), in the unit of the frames; of order above 0: where the past says nothing."""
        means: Array = self.centre + self.scale * self.coefficients[:, :, 0]
        return means

    @property
    def log_prior(self) -> float:
        """An inverse Wishart distribution of the covariances, a normal one of the coefficients, without constants."""
        volume = np.linalg.slogdet(self.covariances)[1].sum()
        spread = self.prior.scatter + _ANCHOR * self.coefficients @ self.coefficients.transpose(0, 2, 1)
        ratio = np.trace(np.linalg.solve(self.covariances, spread), axis1=1, axis2=2).sum()
        return float(-0.5 * (self.prior.frames * volume + ratio))

    @property
    def memory(self) -> int:
        return self.order

    @property
    def nothing(self) -> Array:
        n_entries = self.coefficients.shape[2] + self.centre.size
        return np.zeros((self.n_looks, n_entries, n_entries))

    def check(self, frames: Array) -> None:
        """Any finite number can be."""

    def seen(self, frames: Array) -> NDArray[np.bool_]:
        finite = np.asarray(np.isfinite(frames).all(axis=1))
        known = finite.copy()
        for lag in range(1, self.order + 1):
            known[:lag] = False
            known[lag:] &= finite[:-lag]
        return known

    def log_density(self, frames: Array) -> Array:
        constants = -np.linalg.slogdet(self.covariances)[1] / 2.0
        constants -= np.log(self.scale).sum() + self.centre.size * np.log(2.0 * np.pi) / 2.0
        density, at = np.empty((len(frames), self.n_looks)), 0
        for distances in evaluate(self._parts(frames), -0.5 * self._forms, self._meeting):
            distances += constants
            distances[np.isnan(distances[:, 0])] = 0.0
            density[at : at + len(distances)] = distances
            at += len(distances)
        return density

    def counted(self, frames: Array, weights: Array) -> Array:
        return moments(
            np.nan_to_num(self._vectors(frames), copy=False),
            np.where(self.seen(frames)[:, None], weights, 0.0),
            self._meeting,
        )

    def fitted(self, sums: Array) -> Self:
        coefficients, covariances = self.coefficients.copy(), self.covariances.copy()
        for k, sum_k in enumerate(sums):
            if (count := sum_k[0, 0]) >= 1.0:  # else nobody is there: the look stays as it is
                coefficients[k], _, scatter = self._regressed(sum_k)
                covariances[k] = _no_narrower(self.prior.expected(scatter, count), self.offsets)
        return replace(self, coefficients=coefficients, covariances=covariances)

    def drawn(self, sums: Array, rng: np.random.Generator) -> Self:
        coefficients, covariances = np.empty_like(self.coefficients), np.empty_like(self.covariances)
        n_features = self.centre.size
        for k, sum_k in enumerate(sums):
            expected, precision, scatter = self._regressed(sum_k)
            scatter += self.prior.scatter
            if self.diagonal:  # each feature alone: an inverse Wishart of one dimension
                chi2 = rng.chisquare(self.prior.freedom + sum_k[0, 0], n_features)
                covariances[k] = np.diag(np.diag(scatter) / chi2)
            else:
                covariances[k] = _inverse_wishart(self.prior.freedom + sum_k[0, 0], scatter, rng)
            left = np.linalg.cholesky(covariances[k])
            right = np.linalg.cholesky(precision)
            noise = rng.standard_normal(expected.shape)
            coefficients[k] = expected + left @ solve_triangular(right, noise.T, lower=True, trans=1).T
        return replace(self, coefficients=coefficients, covariances=covariances)

    @property
    def knows_offsets(self) -> bool:
        return self.order == 0

    def marginal(self, sequences: Sequence[Array], paths: Sequence[Labels], look: Labels, weight: float) -> float:
        if self.knows_offsets:
            relative = [self.described(frames) for frames in sequences]
            return segments_marginal(relative, paths, look, weight, self.prior)
        sums = summed(self, sequences, paths, weight * np.eye(look.max() + 1)[look])
        return self.expecting(sums).frames_marginal(sums)

    def frames_marginal(self, sums: Array) -> float:
        """Return the log probability of frames with these sums (`counted`), looks integrated out."""
        return sum(map(self._frames_marginal, sums))

    def expecting(self, sums: Array) -> Self:
        left = np.stack([self._regressed(sum_k)[2] for sum_k in sums])
        return replace(self, prior=self.prior.learnt(left, sums[:, 0, 0]))

    def allowing(self, offsets: Array) -> Self:
        least = np.diag(np.diag(offsets)) if self.diagonal else offsets
        return replace(self, offsets=least, covariances=np.stack([_no_narrower(c, least) for c in self.covariances]))

    def taken(self, looks: Labels) -> Self:
        return replace(self, coefficients=self.coefficients[looks], covariances=self.covariances[looks])

    def sample(self, looks: Labels, rng: np.random.Generator) -> Array:
        noise = rng.standard_normal((len(looks), self.centre.size))
        frames = np.empty_like(noise)
        factors = np.linalg.cholesky(self.covariances)
        past = np.zeros((self.order, self.centre.size))
        for t, look in enumerate(looks):
            regressors = np.concatenate(([1.0], past.ravel()))
            frames[t] = self.coefficients[look] @ regressors + factors[look] @ noise[t]
            past = np.vstack([frames[t : t + 1], past])[: self.order]
        return self.centre + self.scale * frames

    def described(self, frames: Array) -> Array:
        relative = (frames - self.centre) / self.scale
        if self.order == 0:
            return np.where(self.seen(frames)[:, None], relative, np.nan)
        change = np.diff(relative, axis=0, prepend=np.nan)
        return np.where(self.seen(frames)[:, None], np.hstack([relative, relative**2, change**2]), np.nan)

    def residuals(self, frames: Array, looks: Labels) -> Array:
        vectors = np.nan_to_num(self._vectors(frames), copy=False)
        n_regressors = self.coefficients.shape[2]
        away = vectors[n_regressors:].T - np.einsum("tij,jt->ti", self.coefficients[looks], vectors[:n_regressors])
        return np.where(self.seen(frames)[:, None], away, np.nan)

    def settings(self) -> dict[str, Any]:
        return {
            "order": self.order,
            "diagonal": self.diagonal,
            "prior": {"variance": self.prior.variance, "frames": self.prior.frames},
        }

    def arrays(self) -> dict[str, Array]:
        return {
            "coefficients": self.coefficients,
            "covariances": self.covariances,
            "centre": self.centre,
            "scale": self.scale,
            "offsets": self.offsets,
        }

    def _vectors(self, frames: Array) -> Array:
        """Return (1 + order × features + features, time): 1, the past, the frame; NaN where something is missing."""
        time, n_features = frames.shape
        vectors = np.full((1 + (self.order + 1) * n_features, time), np.nan)
        vectors[0] = 1.0
        relative = vectors[-n_features:]
        np.subtract(frames.T, self.centre[:, None], out=relative)
        relative /= self.scale[:, None]
        np.clip(relative, -_FAR, _FAR, out=relative)
        for lag in range(1, self.order + 1):
            vectors[1 + (lag - 1) * n_features :][:n_features, lag:] = relative[:, :-lag]
        return vectors

    def _parts(self, frames: Array) -> Iterator[Array]:
        """Give `_vectors` in chunks that stay in the cache."""
        for start in range(0, len(frames), CHUNK):
            n_past = min(start, self.order)
            yield self._vectors(frames[start - n_past : start + CHUNK])[:, n_past:]

    @cached_property
    def _forms(self) -> Array:
        """(looks, entries, entries): z' Q z is the squared distance of a frame from what is expected of it."""
        return np.stack([whitening.T @ whitening for whitening in self.whitenings])

    @property
    def whitenings(self) -> list[Array]:
        """(features, entries) each look: W z is how far a frame is from what is expected, in independent units."""
        eye = np.eye(self.centre.size)
        return [
            solve_triangular(np.linalg.cholesky(covariance), np.hstack([-coefficients, eye]), lower=True)
            for coefficients, covariance in zip(self.coefficients, self.covariances, strict=True)
        ]

    @property
    def _meeting(self) -> int:
        """How many entries of a vector are multiplied with all others: where it is diagonal, not those of the frame."""
        n_regressors = self.coefficients.shape[2]
        return int(n_regressors if self.diagonal else n_regressors + self.centre.size)

    def _frames_marginal(self, sums: Array) -> float:
        """Return the log probability of one look's frames (Minka 2000, "Bayesian linear regression")."""
        _, precision, scatter = self._regressed(sums)
        drawn_out = len(precision) * np.log(_ANCHOR) - np.linalg.slogdet(precision)[1]
        around = self.prior.log_probability(scatter, float(sums[0, 0]))
        return around + float(0.5 * self.centre.size * drawn_out)

    def _regressed(self, sums: Array) -> tuple[Array, Array, Array]:
        """Return the coefficients, their precision, which has that of the prior in it, and the scatter around them."""
        n = self.coefficients.shape[2]
        precision = sums[:n, :n] + _ANCHOR * np.eye(n)
        coefficients = np.asarray(np.linalg.solve(precision, sums[:n, n:]).T, np.float64)
        scatter = sums[n:, n:] - coefficients @ precision @ coefficients.T
        if self.diagonal:
            scatter = np.diag(np.diag(scatter))
        return coefficients, precision, 0.5 * (scatter + scatter.T)


def _no_narrower(covariance: Array, least: Array) -> Array:
    """Return the most probable covariance that is no narrower than `least` in any direction, given the free one."""
    root = np.linalg.cholesky(covariance)
    half = solve_triangular(root, least, lower=True)
    ratios, directions = np.linalg.eigh(solve_triangular(root, half.T, lower=True))
    if ratios[-1] <= 1.0:
        return covariance
    widened = (root @ directions) * np.sqrt(np.maximum(ratios, 1.0))
    return np.asarray(widened @ widened.T)


def _inverse_wishart(freedom: float, scatter: Array, rng: np.random.Generator) -> Array:
    """Return a covariance drawn by Bartlett's decomposition (Bartlett 1933)."""
    n = len(scatter)
    factor = np.tril(rng.standard_normal((n, n)), -1) + np.diag(np.sqrt(rng.chisquare(freedom - np.arange(n))))
    root = solve_triangular(factor, np.linalg.cholesky(scatter).T, lower=True)
    return np.asarray(root.T @ root)

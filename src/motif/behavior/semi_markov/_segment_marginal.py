"""How probable segments are as wholes: frames scatter around their segment's mean, and means around their look's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._covariance_prior import CovariancePrior
from motif.behavior.semi_markov._offsets import by_segment, offsets_of

__all__ = ["segments_marginal"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def segments_marginal(
    relative: Sequence[Array],
    paths: Sequence[Labels],
    look: Labels,
    weight: float,
    prior: CovariancePrior,
    *,
    learns: bool = True,
) -> float:
    """Return the log probability of frames along paths, looks integrated out.

    A frame is the mean of its look, an offset that its segment shares (of one covariance for all looks, estimated from
    these segments), and noise. Of the noise, a frame counts as `weight` independent ones, a segment as one at least; of
    its offset a segment is one draw, however many frames it has. What covariances have in common is learnt from them.

    Parameters
    ----------
    relative : (time, features) each
        Frames, on the scale of all frames; NaN where one is missing.
    paths : (time,) each
    look : (states,)
    prior, learns
        Where it `learns`, only the kind of the prior counts.

    References
    ----------
    Searle, Casella & McCulloch (1992), "Variance components", chapter 3.
    """
    segments = by_segment(relative, paths)
    looks, counts = look[segments.states], np.maximum(weight * segments.counts, 1.0)
    offsets = offsets_of(segments, looks, 1.0 / weight, diagonal=prior.diagonal)
    total = -0.5 * relative[0].shape[1] * float(np.log(counts).sum())
    heaps = [looks == k for k in np.unique(looks)]
    scatters = np.stack([weight * segments.scatter(here) for here in heaps])
    freedoms = np.array([(counts[here] - 1.0).sum() for here in heaps])
    if learns:
        prior = prior.learnt(scatters, freedoms)
    for here, scatter, count in zip(heaps, scatters, freedoms.tolist(), strict=True):
        total += prior.log_probability(scatter, count)
        total += _means_marginal(segments.means[here], counts[here], prior.expected(scatter, count), offsets)
    return float(total)


def _means_marginal(means: Array, counts: Array, noise: Array, offsets: Array) -> float:
    """Return the log probability of means (segments, features) whose own mean is standard normal beforehand.

    Each scatters by `offsets` and by `noise` over its count. Where noise is the unit and offsets are diagonal, features
    are independent.
    """
    root = np.linalg.cholesky(noise)
    inward = np.linalg.inv(root)
    spread, directions = np.linalg.eigh(inward @ offsets @ inward.T)
    turn = directions.T @ inward
    turned = means @ turn.T
    variances = np.maximum(spread, 0.0) + 1.0 / counts[:, None]
    precision = turn.T @ ((1.0 / variances).sum(axis=0)[:, None] * turn) + np.eye(len(noise))
    pull = turn.T @ (turned / variances).sum(axis=0)
    apart = (np.log(2.0 * np.pi * variances) + turned**2 / variances).sum()
    apart += 2.0 * len(means) * np.log(np.diag(root)).sum()
    return float(-0.5 * (apart + np.linalg.slogdet(precision)[1] - pull @ np.linalg.solve(precision, pull)))

"""What segments of one look differ by as wholes: no two bodies do the same thing the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from motif.smoothing._segments import segment_starts

__all__ = ["Wholes", "by_segment", "offsets_of"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


class Wholes(NamedTuple):
    """Segments of some paths of which something was seen."""

    means: Array
    """(segments, features)."""
    counts: Array
    """(segments,), frames seen."""
    states: Labels
    """(segments,)."""
    within: list[Array]
    """Frames less the mean of their segment, (time, features) a sequence; NaN where one is missing."""
    own: Labels
    """(frames seen of all sequences,), the number of the segment of each."""

    def scatter(self, chosen: NDArray[np.bool_]) -> Array:
        """Return the sum of squares, (features, features), of frames in chosen segments, around their means."""
        away = np.concatenate([part[np.isfinite(part).all(axis=1)] for part in self.within])[chosen[self.own]]
        return np.asarray(away.T @ away)


def by_segment(frames: Sequence[Array], paths: Sequence[Labels]) -> Wholes:
    """Return the segments of paths (time,) through frames (time, features)."""
    means, counts, states, within, own, n_before = [], [], [], [], [], 0
    for values, path in zip(frames, paths, strict=True):
        starts = segment_starts(path)
        seen = np.asarray(np.isfinite(values).all(axis=1))
        n = np.add.reduceat(seen.astype(np.float64), starts[:-1])
        mean = np.add.reduceat(np.where(seen[:, None], values, 0.0), starts[:-1], axis=0) / np.maximum(n, 1.0)[:, None]
        within.append(np.where(seen[:, None], values - np.repeat(mean, np.diff(starts), axis=0), np.nan))
        number = n_before + np.cumsum(n > 0) - 1
        own.append(np.repeat(number, np.diff(starts))[seen])
        means.append(mean[n > 0])
        counts.append(n[n > 0])
        states.append(path[starts[:-1]][n > 0])
        n_before += len(means[-1])
    return Wholes(np.concatenate(means), np.concatenate(counts), np.concatenate(states), within, np.concatenate(own))


def offsets_of(segments: Wholes, looks: Labels, memory: float, *, diagonal: bool = False) -> Array:
    """Return the covariance, (features, features), of an offset that all frames of a segment share.

    It is what the means of a look's segments scatter by, less what the noise of their frames makes them scatter by, the
    same for all looks: an analysis of variance. Where frames of a look differ by noise alone it is next to nothing;
    where each person sits in their own way, it says how far apart two ways of sitting are.

    Parameters
    ----------
    looks : (segments,)
    memory
        How many frames say as much of the noise as one that is independent.

    References
    ----------
    Searle, Casella & McCulloch (1992), "Variance components", section 3.6: one-way, unbalanced.
    """
    means, counts = segments.means, segments.counts
    noise = segments.scatter(np.ones(len(counts), bool)) / max(counts.sum() - memory * len(counts), 1.0)
    between, frames_each, freedom = np.zeros_like(noise), 0.0, 0
    for look in np.unique(looks):
        here, n = looks == look, counts[looks == look]
        apart = (means[here] - np.average(means[here], axis=0, weights=n)) * np.sqrt(n)[:, None]
        between += apart.T @ apart
        frames_each += n.sum() - (n**2).sum() / n.sum()
        freedom += len(n) - 1
    offsets = (between - freedom * memory * noise) / max(frames_each, 1.0)
    if diagonal:
        offsets = np.diag(np.diag(offsets))
    variances, directions = np.linalg.eigh(offsets)
    return np.asarray((directions * np.maximum(variances, 0.0)) @ directions.T)

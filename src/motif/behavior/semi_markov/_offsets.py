"""What segments of one state differ by as wholes: no two bodies do the same thing the same way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._frame_weight import autocorrelation_time, unexplained
from motif.behavior.semi_markov._parameters import Parameters
from motif.smoothing._segments import segment_starts

__all__ = ["segment_offsets"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def segment_offsets(parameters: Parameters, sequences: Sequence[Array]) -> Array:
    """Return the covariance, (numbers, numbers), of an offset that all frames of a segment share.

    It is what the means of a state's segments scatter by, less what the noise of their frames makes them scatter by,
    the same for all states: an analysis of variance. Where frames of a state differ by noise alone it is next to
    nothing; where each person sits in their own way, it says how far apart two ways of sitting are.

    References
    ----------
    Searle, Casella & McCulloch (1992), "Variance components", section 3.6: one-way, unbalanced.
    """
    residuals, paths = unexplained(parameters, sequences)
    means, counts, states, within = _by_segment(residuals, paths)
    size = means.shape[1]
    n_noisy = max(counts.sum() - len(counts), 1.0)
    noise = sum((np.nan_to_num(away).T @ np.nan_to_num(away) for away in within), np.zeros((size, size))) / n_noisy
    between, frames_each, freedom = np.zeros((size, size)), 0.0, 0
    for state in np.unique(states):
        here, n = states == state, counts[states == state]
        apart = (means[here] - np.average(means[here], axis=0, weights=n)) * np.sqrt(n)[:, None]
        between += apart.T @ apart
        frames_each += n.sum() - (n**2).sum() / n.sum()
        freedom += len(n) - 1
    memory = autocorrelation_time(within, paths)
    offsets = (between - freedom * memory * noise) / max(frames_each, 1.0)
    variances, directions = np.linalg.eigh(offsets)
    return np.asarray((directions * np.maximum(variances, 0.0)) @ directions.T)


def _by_segment(residuals: Sequence[Array], paths: Sequence[Labels]) -> tuple[Array, Array, Labels, list[Array]]:
    """Return means, numbers of frames seen and states of all segments, and the residuals less these means."""
    means, counts, states, within = [], [], [], []
    for away, path in zip(residuals, paths, strict=True):
        starts = segment_starts(path)
        seen = np.asarray(np.isfinite(away).all(axis=1))
        known = np.where(seen[:, None], away, 0.0)
        n = np.add.reduceat(seen.astype(np.float64), starts[:-1])
        mean = np.add.reduceat(known, starts[:-1], axis=0) / np.maximum(n, 1.0)[:, None]
        within.append(np.where(seen[:, None], away - np.repeat(mean, np.diff(starts), axis=0), np.nan))
        means.append(mean[n > 0])
        counts.append(n[n > 0])
        states.append(path[starts[:-1]][n > 0])
    return np.concatenate(means), np.concatenate(counts), np.concatenate(states), within

"""Smoothing as an experiment asks for it, on windows that follow each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from motif.experiments._experiment import TemporalSettings
from motif.recordings import Dataset
from motif.smoothing import MedianHysteresisPolicy, SemiMarkovPolicy

__all__ = ["mean_dwell", "runs", "smoothed_labels", "smoothed_probabilities"]


def runs(data: Dataset) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each run of windows without a hole, in their order in time.

    A hole is a step between two starts that is longer than the usual one of the data set.
    """
    order = np.lexsort((data.start, data.stretch))
    stretch, start = data.stretch[order], data.start[order]
    steps = np.diff(start)[np.diff(stretch) == 0]
    usual = np.median(steps) if steps.size else 0
    breaks = np.flatnonzero((np.diff(stretch) != 0) | (np.diff(start) > usual)) + 1
    yield from np.split(order, breaks)


def smoothed_labels(
    probabilities: NDArray[np.float32],
    data: Dataset,
    settings: TemporalSettings,
    *,
    mean_dwell: float,
) -> NDArray[np.int64]:
    """Return the (n,) label of each window, smoothed along its run.

    Parameters
    ----------
    probabilities : (n, n_classes)
    data : Dataset of n windows
    settings : TemporalSettings
    mean_dwell : float
        How many windows a label lasts, which a semi-Markov policy expects.
    """
    labels: NDArray[np.int64] = probabilities.argmax(axis=1)
    if settings.type == "median_hysteresis":
        median = MedianHysteresisPolicy(min_dwell=settings.min_dwell, window_size=settings.window_size)
        for rows in runs(data):
            labels[rows] = median.smooth(labels[rows][None])[0]
    elif settings.type == "hsmm":
        policy = SemiMarkovPolicy(min_dwell=settings.min_dwell, mean_dwell=max(mean_dwell, settings.min_dwell + 1.0))
        voted = smoothed_probabilities(probabilities, data, settings)
        for rows in runs(data):
            labels[rows] = policy.smooth_probabilities(voted[rows])
    return labels


def smoothed_probabilities(
    probabilities: NDArray[np.float32], data: Dataset, settings: TemporalSettings
) -> NDArray[np.float32]:
    """Return (n, n_classes) probabilities, each the mean over the windows around it that vote on its label."""
    if settings.type == "none":
        return probabilities
    smoothed = np.empty_like(probabilities)
    half = settings.window_size // 2
    for rows in runs(data):
        sums = np.vstack([np.zeros(probabilities.shape[1]), np.cumsum(probabilities[rows], axis=0, dtype=np.float64)])
        first = np.maximum(np.arange(len(rows)) - half, 0)
        stop = np.minimum(np.arange(len(rows)) - half + settings.window_size, len(rows))
        smoothed[rows] = (sums[stop] - sums[first]) / (stop - first)[:, None]
    return smoothed


def mean_dwell(data: Dataset) -> float:
    """Return how many windows a true label lasts on average."""
    n_segments = sum(1 + int(np.count_nonzero(np.diff(data.y[rows]))) for rows in runs(data))
    return data.n_windows / n_segments

"""From distances and scores to what is said of a window. Twins: tests/reference/templates.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.templates._row_kernels import quantile, sort

__all__ = ["class_scores", "nearest", "outlier_scores", "probabilities"]

_WEIGHTS = (1.3, 1.0, 0.5)
"""Of the logarithms of distances of descriptions, paths and summaries, in how strange a window is."""
_NEAR_WEIGHTS = (0.5, 1.0, 0.5)
"""The same in which gesture it is; there the discriminants have spoken of descriptions and summaries."""
_CLOSEST = 0.05
"""Of the usual distance: a copy of a sample is not endlessly nearer than any other movement."""
_BEST_WEIGHT = 0.1
_BACKGROUND_WEIGHT = 0.15
_VIGOUR_WEIGHT = 0.25
_USUAL = 0.7
"""Quantile over the gestures: the distance that is usual. Half of them may be akin to the nearest one."""
_TINY = 1e-9
_LARGEST = 500.0
"""Logarithm of a score: a number no sensor gives has a finite one, too."""


@njit(cache=True)
def nearest(distances: NDArray[np.float64], labels: NDArray[np.int64], n_labels: int) -> NDArray[np.float64]:
    """Return (n, n_labels) of (n, m): the distance to the nearest template of each class."""
    found = np.full((len(distances), n_labels), np.inf)
    for i in range(len(distances)):
        for t in range(labels.size):
            found[i, labels[t]] = min(found[i, labels[t]], distances[i, t])
    return found


@njit(cache=True)
def class_scores(
    scores: NDArray[np.float64], distances: NDArray[np.float64], factors: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (n, n_classes) what speaks for each gesture: its score, and how near it is.

    It is ratios of distances that count: a tenth nearer says as much where all are near as where all are far.

    Parameters
    ----------
    scores : (n, n_classes) of the discriminant, or one column more for the background
    distances, factors
        As for `outlier_scores`.
    """
    n, n_classes = distances.shape[1:]
    said = np.empty((n, n_classes))
    for i in range(n):
        for c in range(n_classes):
            said[i, c] = scores[i, c]
        for view in range(3):
            usual = 0.0
            for c in range(n_classes):
                usual += distances[view, i, c] * factors[view, c] / n_classes
            usual = max(usual, _TINY)
            for c in range(n_classes):
                near = distances[view, i, c] * factors[view, c] / usual
                said[i, c] -= _NEAR_WEIGHTS[view] * np.log(near + _CLOSEST)
    return said


@njit(cache=True)
def _largest(row: NDArray[np.float64]) -> float:
    most = row[0]
    for c in range(1, row.size):
        most = max(most, row[c])
    return float(most)


@njit(cache=True)
def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the softmax of each row (n, n_classes)."""
    said = np.empty(logits.shape, np.float32)
    for i in range(len(logits)):
        most, total = _largest(logits[i]), 0.0
        for c in range(logits.shape[1]):
            total += np.exp(logits[i, c] - most)
        for c in range(logits.shape[1]):
            said[i, c] = np.exp(logits[i, c] - most) / total
    return said


@njit(cache=True)
def _log_ratio(distances: NDArray[np.float64], factors: NDArray[np.float64]) -> float:
    """Return how near the nearest of (n_classes,) is, against how far gestures usually are."""
    ordered = np.empty(distances.size)
    for c in range(distances.size):
        ordered[c] = distances[c] * factors[c]
    sort(ordered)
    return float(np.log((ordered[0] + _TINY) / (quantile(ordered, _USUAL) + _TINY)))


@njit(cache=True)
def outlier_scores(
    scores: NDArray[np.float64],
    distances: NDArray[np.float64],
    factors: NDArray[np.float64],
    vigour: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return (n,) outlier scores, above 0: how near the nearest gesture is against how near gestures usually are.

    A window that is like no gesture is about equally far from all of them; what belongs to one is far nearer to it.
    Where a background was taught, what looks like it is strange.

    Parameters
    ----------
    scores
        As for `class_scores`.
    distances : (3, n, n_classes)
        To the nearest template of each class: of descriptions, of paths, of summaries.
    factors : (3, n_classes)
        By which to multiply them.
    vigour : (n, n_classes)
        By how many deviations more or less moves than in each gesture.
    """
    n, n_classes = distances.shape[1:]
    said = np.empty(n)
    for i in range(n):
        best = _largest(scores[i, :n_classes])
        log_score = -_BEST_WEIGHT * best
        if scores.shape[1] > n_classes:
            log_score += _BACKGROUND_WEIGHT * (scores[i, n_classes] - best)
        for view in range(3):
            log_score += _WEIGHTS[view] * _log_ratio(distances[view, i], factors[view])
        nearest_class = 0
        for c in range(1, n_classes):
            if distances[1, i, c] * factors[1, c] < distances[1, i, nearest_class] * factors[1, nearest_class]:
                nearest_class = c
        log_score += _VIGOUR_WEIGHT * vigour[i, nearest_class]
        said[i] = np.exp(max(-_LARGEST, min(_LARGEST, log_score)))
    return said

"""Gestures told apart by their named features alone, each with a weight that a person may set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from motif.templates._sensor_features import SensorFeatures

__all__ = ["FeatureMatcher", "default_weights"]

_PRIOR_SAMPLES = 4.0
"""How many samples the spread common to all gestures counts as, beside a gesture's own."""
_LEAST_SPREAD = 0.1
"""Of the spread over all samples: less is luck of a few samples."""
_EFFECTIVE = 4.0
"""How many independent features there are, about: most of them say the same twice."""


def default_weights() -> dict[str, float]:
    """Return the weight of each feature before anybody changes it: 1."""
    return dict.fromkeys(SensorFeatures.names(), 1.0)


class FeatureMatcher:
    """How far features are from those of each gesture, in units of how much these vary.

    Parameters
    ----------
    taught : mapping
        For each gesture the features of its samples, at least one.
    """

    def __init__(self, taught: Mapping[str, Sequence[SensorFeatures]]) -> None:
        self.gestures = tuple(taught)
        numbers = {gesture: [features.numbers() for features in samples] for gesture, samples in taught.items()}
        self._names = tuple(dict.fromkeys(name for each in numbers.values() for known in each for name in known))
        self._place = {name: i for i, name in enumerate(self._names)}
        rows = {gesture: np.array([self._row(known) for known in each]) for gesture, each in numbers.items()}
        everything = np.concatenate(list(rows.values())) if rows else np.empty((0, len(self._names)))
        self._centres = np.array([_mean(each) for each in rows.values()])
        self._spreads = _spreads(rows, everything)

    def distances(self, features: SensorFeatures, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Return (n_gestures,) weighted mean squares of how many spreads the features are off; inf for nothing common.

        Of a gesture's sample it is about 1, by the 3-sigma rule no more than 9.
        """
        row = self._row(features.numbers())
        weight = np.array([max(0.0, float(weights.get(_feature_of(name), 1.0))) for name in self._names])
        off = (row - self._centres) / self._spreads
        known = ~np.isnan(off) & (weight > 0)
        total = (known * weight).sum(axis=1)
        squares = (np.where(known, off, 0.0) ** 2 * weight).sum(axis=1)
        return np.asarray(np.divide(squares, total, out=np.full(len(self.gestures), np.inf), where=total > 0))

    def logits(self, features: SensorFeatures, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Return (n_gestures,) log likelihoods, up to a constant; 0 for all where there is nothing in common."""
        distances = self.distances(features, weights)
        return np.where(np.isfinite(distances), -0.5 * _EFFECTIVE * np.minimum(distances, 1e6), 0.0)

    def _row(self, known: Mapping[str, float]) -> NDArray[np.float64]:
        row = np.full(len(self._names), np.nan)
        for name, value in known.items():
            if name in self._place:
                row[self._place[name]] = value
        return row


def _mean(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    count = (~np.isnan(rows)).sum(axis=0)
    return np.asarray(np.divide(np.nansum(rows, axis=0), count, out=np.full(rows.shape[1], np.nan), where=count > 0))


def _squares(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = np.nansum((rows - _mean(rows)) ** 2, axis=0)
    return squares


def _spreads(rows: Mapping[str, NDArray[np.float64]], everything: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n_gestures, n_names): each gesture's own spread, drawn to the common one while its samples are few."""
    overall = np.sqrt(_squares(everything) / max(len(everything), 1))
    size = np.abs(np.nan_to_num(_mean(everything)))
    overall = np.where(overall > 1e-9, overall, 0.25 * size + 1e-3)
    counts = np.array([len(each) for each in rows.values()], dtype=np.float64)
    squares = np.array([_squares(each) for each in rows.values()]).reshape(len(rows), overall.size)
    freedom = np.maximum(counts - 1, 0)
    within = squares.sum(axis=0) / freedom.sum() if freedom.sum() else (0.5 * overall) ** 2
    variance = (squares + _PRIOR_SAMPLES * within) / (freedom[:, None] + _PRIOR_SAMPLES)
    spreads: NDArray[np.float64] = np.maximum(np.sqrt(variance), _LEAST_SPREAD * overall)
    return spreads


def _feature_of(number: str) -> str:
    """Return the feature a number belongs to: `gyro_direction` for `gyro_direction_x`, or for `gyro_direction_0`."""
    stem, _, last = number.rpartition("_")
    return stem if stem and (last in ("x", "y", "z") or last.isdecimal()) else number

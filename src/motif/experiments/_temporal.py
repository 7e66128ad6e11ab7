"""Smoothing as an experiment asks for it, on windows that follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from motif.evaluation import apply_temperature, fit_temperature, log_probabilities
from motif.experiments._experiment import TemporalSettings
from motif.recordings import Dataset
from motif.smoothing import MedianHysteresisPolicy, SemiMarkovPolicy

__all__ = ["Smoother", "mean_dwell", "runs"]

WEIGHTS = tuple(np.geomspace(0.05, 1.0, 9).round(3).tolist())
"""Of the evidence of a window beside others that overlap it: those to choose from."""
BRIDGED = 100
"""Missing windows that a semi-Markov policy takes for frames that say nothing; after more of them it begins anew."""


@dataclass(frozen=True, kw_only=True)
class Smoother:
    """What a trained experiment makes of the probabilities of windows."""

    settings: TemporalSettings
    mean_dwell: float
    """Windows that a label lasts on average, which a semi-Markov policy expects."""
    evidence_weight: float = 1.0
    """What a window counts for a semi-Markov policy."""
    temperature: float = 1.0
    """Of the smoothed probabilities."""

    @classmethod
    def learn(
        cls, settings: TemporalSettings, probabilities: NDArray[np.float32], data: Dataset, *, mean_dwell: float
    ) -> Self:
        """Learn how sure to be from subjects that the recognizer was not taught.

        Windows that overlap look at the same samples, and who moves in an odd way does so in all windows: taken for
        independent, they would make a semi-Markov policy too sure. Of weight and temperature those are taken under
        which the true labels are likeliest.

        Parameters
        ----------
        settings : TemporalSettings
        probabilities : (n, n_classes)
            What the recognizer says of each window.
        data : Dataset of n windows
        mean_dwell : float
        """
        found = []
        for weight in WEIGHTS if settings.type == "hsmm" else (1.0,):
            plain = cls(settings=settings, mean_dwell=mean_dwell, evidence_weight=weight)
            logits = log_probabilities(plain.probabilities(probabilities, data))
            fitted = replace(plain, temperature=fit_temperature(logits, data.y))
            likely = apply_temperature(logits, fitted.temperature)[np.arange(len(logits)), data.y]
            found.append((-np.log(likely).mean(), fitted))
        return min(found, key=lambda each: each[0])[1]

    def labels(self, probabilities: NDArray[np.float32], data: Dataset) -> NDArray[np.int64]:
        """Return the label (n,) of each of n windows with `probabilities` (n, n_classes)."""
        labels: NDArray[np.int64] = probabilities.argmax(axis=1)
        if self.settings.type == "median_hysteresis":
            median = MedianHysteresisPolicy(min_dwell=self.settings.min_dwell, window_size=self.settings.window_size)
            for rows in runs(data):
                labels[rows] = median.smooth(labels[rows][None])[0]
        elif self.settings.type == "hsmm":
            for rows, slots in _grids(data):
                labels[rows] = self._policy.smooth_probabilities(_on_grid(probabilities[rows], slots))[slots]
        return labels

    def probabilities(self, probabilities: NDArray[np.float32], data: Dataset) -> NDArray[np.float32]:
        """Return (n, n_classes) probabilities of windows among those around them.

        Of a semi-Markov policy, what the whole stretch says of a window; else the mean over the windows that vote on
        its label.
        """
        smoothed = probabilities.copy()
        if self.settings.type == "median_hysteresis":
            for rows in runs(data):
                smoothed[rows] = _moving_mean(probabilities[rows], self.settings.window_size)
        elif self.settings.type == "hsmm":
            for rows, slots in _grids(data):
                smoothed[rows] = self._policy.posterior(_on_grid(probabilities[rows], slots))[slots]
        return apply_temperature(log_probabilities(smoothed), self.temperature).astype(np.float32)

    @property
    def _policy(self) -> SemiMarkovPolicy:
        shortest = self.settings.min_dwell
        expected = max(self.mean_dwell, shortest + 1.0)
        return SemiMarkovPolicy(min_dwell=shortest, mean_dwell=expected, evidence_weight=self.evidence_weight)


def runs(data: Dataset) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each run of windows without a hole, in their order in time.

    A hole is a step between two starts that is longer than the usual one of the data set.
    """
    order, steps, usual = _in_time(data)
    yield from np.split(order, np.flatnonzero(steps > usual) + 1)


def mean_dwell(data: Dataset) -> float:
    """Return how many windows a true label lasts on average, those that are missing counted."""
    lengths, n_segments = 0, 0
    for rows, slots in _grids(data):
        lengths += int(slots[-1]) + 1
        n_segments += 1 + int(np.count_nonzero(np.diff(data.y[rows])))
    return lengths / n_segments


def _grids(data: Dataset) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the rows of windows that a semi-Markov policy sees as one stream, and the place of each in it."""
    order, steps, usual = _in_time(data)
    for rows in np.split(order, np.flatnonzero(steps > BRIDGED * usual) + 1):
        yield rows, np.asarray((data.start[rows] - data.start[rows[0]]) // max(int(usual), 1))


def _in_time(data: Dataset) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Return rows in their order in time, the step in samples to each from the one before, and the usual one.

    The step to another stretch is infinite.
    """
    order = np.lexsort((data.start, data.stretch))
    same = np.diff(data.stretch[order]) == 0
    steps = np.where(same, np.diff(data.start[order]), np.inf)
    return order, steps, float(np.median(steps[same])) if same.any() else 0.0


def _on_grid(probabilities: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (time, n_classes) with a row for each place in time: where there is no window, all is as likely."""
    n_classes = probabilities.shape[1]
    grid = np.full((int(slots[-1]) + 1, n_classes), 1.0 / n_classes)
    grid[slots] = probabilities
    return grid


def _moving_mean(probabilities: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    n, half = len(probabilities), size // 2
    sums = np.vstack([np.zeros(probabilities.shape[1]), np.cumsum(probabilities, axis=0, dtype=np.float64)])
    first = np.maximum(np.arange(n) - half, 0)
    stop = np.minimum(np.arange(n) - half + size, n)
    return np.asarray((sums[stop] - sums[first]) / (stop - first)[:, None])

"""Does a confidence mean what it says? Confidence is the probability of the predicted class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError
from motif.evaluation._inputs import checked_pair

__all__ = [
    "ReliabilityBin",
    "brier_score",
    "expected_calibration_error",
    "maximum_calibration_error",
    "reliability",
    "reliability_bins",
]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The windows whose confidence lies in (low, high]; the first bin holds 0 too."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean confidence of these windows."""
    accuracy: float
    """Share of these windows that were right."""

    @property
    def gap(self) -> float:
        """Distance of confidence from accuracy."""
        return abs(self.confidence - self.accuracy)


def reliability(y_true: ArrayLike, probabilities: ArrayLike, n_bins: int = 15) -> tuple[ReliabilityBin, ...]:
    """Return confidence and accuracy in bins of equal width, leaving out bins without a window.

    Parameters
    ----------
    y_true : (n,)
        Class indices.
    probabilities : (n, n_classes)
        Rows that sum to 1.
    n_bins : int
        Bins over 0 … 1.

    Raises
    ------
    ConfigError
        `n_bins` is below 1.
    LabelError, ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        The input does not fit.

    Examples
    --------
    >>> reliability([0, 1], [[0.9, 0.1], [0.9, 0.1]], n_bins=2)
    (ReliabilityBin(low=0.5, high=1.0, count=2, confidence=0.9, accuracy=0.5),)
    """
    y, p = checked_pair(y_true, probabilities)
    return reliability_bins(p.max(axis=1), p.argmax(axis=1) == y, n_bins)


def reliability_bins(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], n_bins: int = 15
) -> tuple[ReliabilityBin, ...]:
    """Return what `reliability` does, of answers (n,) that need not be the most probable ones, such as smoothed labels.

    Raises
    ------
    ConfigError
        `n_bins` is below 1.
    """
    if n_bins < 1:
        raise ConfigError(f"n_bins is {n_bins}; want at least 1, usually 10 to 20")
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, n_bins - 1)
    return tuple(_bin(edges, int(i), confidence[place == i], right[place == i]) for i in np.unique(place))


def _bin(
    edges: NDArray[np.float64], i: int, confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> ReliabilityBin:
    return ReliabilityBin(
        low=float(edges[i]),
        high=float(edges[i + 1]),
        count=len(right),
        confidence=float(confidence.mean()),
        accuracy=float(right.mean()),
    )


def expected_calibration_error(y_true: ArrayLike, probabilities: ArrayLike, n_bins: int = 15) -> float:
    """Return ECE, 0 … 1: the gap between confidence and accuracy, averaged over windows.

    Parameters and errors are those of `reliability`. With few windows a perfect recognizer does not reach 0.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern Neural Networks", eq. 3.

    Examples
    --------
    >>> round(expected_calibration_error([0, 1], [[0.9, 0.1], [0.9, 0.1]]), 3)
    0.4
    """
    bins = reliability(y_true, probabilities, n_bins)
    return sum(b.count * b.gap for b in bins) / sum(b.count for b in bins)


def maximum_calibration_error(y_true: ArrayLike, probabilities: ArrayLike, n_bins: int = 15) -> float:
    """Return MCE, 0 … 1: the largest gap of any bin, so never below ECE; one odd window can make it large.

    References
    ----------
    Guo et al. (2017), eq. 5.
    """
    return max(b.gap for b in reliability(y_true, probabilities, n_bins))


def brier_score(y_true: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean squared distance to the truth, summed over classes: 0 (perfect) … 2 (sure and wrong).

    References
    ----------
    Brier (1950), "Verification of Forecasts Expressed in Terms of Probability", eq. 2.

    Examples
    --------
    >>> brier_score([0, 1], [[1.0, 0.0], [1.0, 0.0]])
    1.0
    """
    y, p = checked_pair(y_true, probabilities)
    return float(((p - np.eye(p.shape[1])[y]) ** 2).sum(axis=1).mean())

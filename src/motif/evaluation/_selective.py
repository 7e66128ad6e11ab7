"""What accuracy is bought by answering fewer windows: those it is least sure of are left to somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError
from motif.evaluation._inputs import checked_pair

__all__ = ["SelectiveCurve", "selective_accuracy"]


@dataclass(frozen=True, slots=True, eq=False)
class SelectiveCurve:
    """Accuracy of the windows answered, for every threshold on the confidence, the strictest first."""

    coverage: NDArray[np.float64]
    """(n_thresholds,), share of the windows answered, rising to 1."""
    accuracy: NDArray[np.float64]
    """(n_thresholds,), share of those that are right."""
    threshold: NDArray[np.float64]
    """(n_thresholds,), the confidence from which a window is answered, falling."""

    @property
    def area(self) -> float:
        """Mean error over all coverages (AURC), 0 is perfect; random confidences give the error rate itself."""
        width = np.diff(self.coverage, prepend=0.0)
        return float(((1 - self.accuracy) * width).sum())

    def at_coverage(self, coverage: float) -> tuple[float, float]:
        """Return (accuracy, threshold) when at least this share of the windows is answered.

        Raises
        ------
        ConfigError
            `coverage` is not above 0 and at most 1.
        """
        if not 0 < coverage <= 1:
            raise ConfigError(f"coverage is {coverage}; want above 0, at most 1")
        i = int(np.searchsorted(self.coverage, coverage - 1e-12))
        return float(self.accuracy[i]), float(self.threshold[i])

    def for_accuracy(self, accuracy: float) -> tuple[float, float] | None:
        """Return (coverage, threshold) of the most windows that can be answered this well; None where none can.

        Raises
        ------
        ConfigError
            `accuracy` is outside 0 … 1.
        """
        if not 0 <= accuracy <= 1:
            raise ConfigError(f"accuracy is {accuracy}; want 0 … 1")
        enough = np.flatnonzero(self.accuracy >= accuracy)
        return (float(self.coverage[enough[-1]]), float(self.threshold[enough[-1]])) if enough.size else None

    def to_dict(self) -> dict[str, Any]:
        """Return the area and the accuracy at some coverages, ready for JSON."""
        shares = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
        points = [(share, *self.at_coverage(share)) for share in shares]
        return {
            "area": self.area,
            "points": [dict(zip(("coverage", "accuracy", "threshold"), point, strict=True)) for point in points],
        }


def selective_accuracy(y_true: ArrayLike, probabilities: ArrayLike) -> SelectiveCurve:
    """Answer the surest windows first; windows of equal confidence are answered together.

    Parameters
    ----------
    y_true : (n,)
        Class indices.
    probabilities : (n, n_classes)
        Rows that sum to 1.

    Raises
    ------
    LabelError, ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        The input does not fit.

    References
    ----------
    El-Yaniv and Wiener (2010), "On the Foundations of Noise-free Selective Classification", JMLR 11.

    Examples
    --------
    >>> curve = selective_accuracy([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> curve.accuracy.round(3).tolist(), curve.for_accuracy(1.0)
    ([1.0, 1.0, 0.667], (0.666..., 0.8))
    """
    y, p = checked_pair(y_true, probabilities)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    order = np.argsort(-confidence, kind="stable")
    ends = np.flatnonzero(np.diff(confidence[order], append=-np.inf))
    answered = ends + 1
    return SelectiveCurve(answered / len(y), np.cumsum(right[order])[ends] / answered, confidence[order][ends])

"""`MetricsCalculator` is `motif.evaluation.behavior_scores` with its settings kept."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from motif.evaluation import BehaviorScores as MetricsResult
from motif.evaluation import behavior_scores

__all__ = ["MetricsCalculator", "MetricsResult"]


@dataclass(frozen=True)
class MetricsCalculator:
    """Settings of `motif.evaluation.behavior_scores`."""

    n_bins: int = 15
    """Bins of confidence."""
    rate_hz: float = 1.0
    """Labels a second; at 1, durations are in labels."""
    boundary_tolerance: int = 5
    """Labels that a change may be off."""

    def compute_all(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        y_prob: ArrayLike | None = None,
        *,
        features: ArrayLike | None = None,
    ) -> MetricsResult:
        """Return every figure; `features` are what the prediction was made of, to be audited."""
        return behavior_scores(
            y_true,
            y_pred,
            y_prob,
            features=features,
            n_bins=self.n_bins,
            rate_hz=self.rate_hz,
            boundary_tolerance=self.boundary_tolerance,
        )

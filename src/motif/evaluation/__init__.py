"""Arrays in, figures out: scores, calibration, spread across groups, plots and the report.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motif.evaluation._bootstrap import (
        Interval,
        group_bootstrap,
    )
    from motif.evaluation._calibration import (
        ReliabilityBin,
        brier_score,
        expected_calibration_error,
        maximum_calibration_error,
        reliability,
    )
    from motif.evaluation._confusions import (
        ConfusedPair,
        confused_pairs,
    )
    from motif.evaluation._fold_scores import (
        FoldScore,
        FoldScores,
        GroupScore,
        Spread,
    )
    from motif.evaluation._folds import (
        align_probabilities,
        cross_validate,
    )
    from motif.evaluation._peers import (
        feature_lda,
        nearest_neighbour,
        window_statistics,
    )
    from motif.evaluation._scores import (
        METRICS,
        ClassScores,
        Scores,
        baseline_scores,
        score,
    )
    from motif.evaluation._temperature import (
        TEMPERATURE_RANGE,
        apply_temperature,
        fit_temperature,
        log_probabilities,
    )

_HOME = {
    "METRICS": "_scores",
    "TEMPERATURE_RANGE": "_temperature",
    "ClassScores": "_scores",
    "ConfusedPair": "_confusions",
    "FoldScore": "_fold_scores",
    "FoldScores": "_fold_scores",
    "GroupScore": "_fold_scores",
    "Interval": "_bootstrap",
    "ReliabilityBin": "_calibration",
    "Scores": "_scores",
    "Spread": "_fold_scores",
    "align_probabilities": "_folds",
    "apply_temperature": "_temperature",
    "baseline_scores": "_scores",
    "brier_score": "_calibration",
    "confused_pairs": "_confusions",
    "cross_validate": "_folds",
    "expected_calibration_error": "_calibration",
    "feature_lda": "_peers",
    "fit_temperature": "_temperature",
    "group_bootstrap": "_bootstrap",
    "log_probabilities": "_temperature",
    "maximum_calibration_error": "_calibration",
    "nearest_neighbour": "_peers",
    "reliability": "_calibration",
    "score": "_scores",
    "window_statistics": "_peers",
}

__all__ = [
    "METRICS",
    "TEMPERATURE_RANGE",
    "ClassScores",
    "ConfusedPair",
    "FoldScore",
    "FoldScores",
    "GroupScore",
    "Interval",
    "ReliabilityBin",
    "Scores",
    "Spread",
    "align_probabilities",
    "apply_temperature",
    "baseline_scores",
    "brier_score",
    "confused_pairs",
    "cross_validate",
    "expected_calibration_error",
    "feature_lda",
    "fit_temperature",
    "group_bootstrap",
    "log_probabilities",
    "maximum_calibration_error",
    "nearest_neighbour",
    "reliability",
    "score",
    "window_statistics",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

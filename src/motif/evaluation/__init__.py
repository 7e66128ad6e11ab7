"""Arrays in, figures out: scores, calibration, spread across groups, plots and the report.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motif.evaluation._baseline import (
        baseline_scores,
    )
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
    from motif.evaluation._figures import (
        confusion_figure,
        folds_figure,
        per_class_figure,
        reliability_diagram,
        training_history_figure,
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
    from motif.evaluation._markdown import (
        markdown_table,
    )
    from motif.evaluation._peers import (
        feature_lda,
        nearest_neighbour,
        window_statistics,
    )
    from motif.evaluation._report import (
        html_report,
    )
    from motif.evaluation._scores import (
        METRICS,
        ClassScores,
        Scores,
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
    "baseline_scores": "_baseline",
    "brier_score": "_calibration",
    "confused_pairs": "_confusions",
    "confusion_figure": "_figures",
    "cross_validate": "_folds",
    "expected_calibration_error": "_calibration",
    "feature_lda": "_peers",
    "fit_temperature": "_temperature",
    "folds_figure": "_figures",
    "group_bootstrap": "_bootstrap",
    "html_report": "_report",
    "log_probabilities": "_temperature",
    "markdown_table": "_markdown",
    "maximum_calibration_error": "_calibration",
    "nearest_neighbour": "_peers",
    "per_class_figure": "_figures",
    "reliability": "_calibration",
    "reliability_diagram": "_figures",
    "score": "_scores",
    "training_history_figure": "_figures",
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
    "confusion_figure",
    "cross_validate",
    "expected_calibration_error",
    "feature_lda",
    "fit_temperature",
    "folds_figure",
    "group_bootstrap",
    "html_report",
    "log_probabilities",
    "markdown_table",
    "maximum_calibration_error",
    "nearest_neighbour",
    "per_class_figure",
    "reliability",
    "reliability_diagram",
    "score",
    "training_history_figure",
    "window_statistics",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

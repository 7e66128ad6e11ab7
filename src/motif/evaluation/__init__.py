"""Arrays in, figures out: scores, calibration, spread across groups, plots and the report.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.evaluation._baseline import baseline_scores
    from motif.evaluation._behavior import BehaviorScores, behavior_scores
    from motif.evaluation._behavior_agreement import (
        BoundaryScores,
        adjusted_rand,
        boundary_f1,
        match_states,
        mutual_information,
        normalized_mutual_information,
    )
    from motif.evaluation._behavior_audit import Audit, audit
    from motif.evaluation._behavior_calibration import class_posteriors, posterior_reliability
    from motif.evaluation._behavior_figures import confidence_histogram
    from motif.evaluation._behavior_streams import (
        DwellTimes,
        dwell_times,
        motif_count,
        state_coverage,
        state_entropy,
        transition_counts,
        transition_rate,
    )
    from motif.evaluation._behavior_uncertainty import StateUncertainty, match_chains, state_uncertainty
    from motif.evaluation._bootstrap import Interval, group_bootstrap, group_bootstrap_difference
    from motif.evaluation._calibration import (
        ReliabilityBin,
        brier_score,
        expected_calibration_error,
        maximum_calibration_error,
        reliability,
        reliability_bins,
    )
    from motif.evaluation._coded_agreement import CodedAgreement, coded_agreement
    from motif.evaluation._compare import Comparison, McNemar, PairedTest, compare_recognizers, mcnemar, paired_test
    from motif.evaluation._conformal import (
        ConformalSets,
        Coverage,
        Cutoff,
        conformal_coverage,
        conformal_sets,
        coverage_by_individual,
    )
    from motif.evaluation._confusions import ConfusedPair, confused_pairs
    from motif.evaluation._ensemble import Ensemble
    from motif.evaluation._ethogram import Ethogram
    from motif.evaluation._ethogram_cards import StateCard, state_cards
    from motif.evaluation._ethogram_report import ethogram_report
    from motif.evaluation._evaluation import Evaluation, evaluate
    from motif.evaluation._figures import (
        confusion_figure,
        folds_figure,
        per_class_figure,
        reliability_diagram,
        training_history_figure,
    )
    from motif.evaluation._figures_evaluation import (
        conformal_figure,
        groups_figure,
        selective_figure,
        uncertainty_figure,
        wrong_windows_figure,
    )
    from motif.evaluation._fold_scores import FoldScore, FoldScores, Spread
    from motif.evaluation._folds import align_probabilities, cross_validate
    from motif.evaluation._group_scores import GroupScore, group_scores
    from motif.evaluation._markdown import markdown_table
    from motif.evaluation._peers import feature_lda, nearest_neighbour, window_statistics
    from motif.evaluation._report import html_report
    from motif.evaluation._save_report import save_report
    from motif.evaluation._scores import METRICS, ClassScores, Scores, score
    from motif.evaluation._segments import SegmentScores, label_segments, segment_f1
    from motif.evaluation._selective import SelectiveCurve, selective_accuracy
    from motif.evaluation._temperature import TEMPERATURE_RANGE, apply_temperature, fit_temperature, log_probabilities
    from motif.evaluation._uncertainty import Uncertainty, uncertainty
    from motif.evaluation._wrong import WrongWindow, wrong_windows
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_baseline": ("baseline_scores",),
            "_behavior": ("BehaviorScores", "behavior_scores"),
            "_behavior_agreement": (
                "BoundaryScores",
                "CodedAgreement",
                "adjusted_rand",
                "boundary_f1",
                "match_states",
                "mutual_information",
                "normalized_mutual_information",
            ),
            "_behavior_audit": ("Audit", "audit"),
            "_behavior_calibration": ("class_posteriors", "posterior_reliability"),
            "_behavior_figures": ("confidence_histogram",),
            "_behavior_streams": (
                "DwellTimes",
                "dwell_times",
                "motif_count",
                "state_coverage",
                "state_entropy",
                "transition_counts",
                "transition_rate",
            ),
            "_behavior_uncertainty": ("StateUncertainty", "match_chains", "state_uncertainty"),
            "_bootstrap": ("Interval", "group_bootstrap", "group_bootstrap_difference"),
            "_calibration": (
                "ReliabilityBin",
                "brier_score",
                "expected_calibration_error",
                "maximum_calibration_error",
                "reliability",
                "reliability_bins",
            ),
            "_compare": ("Comparison", "McNemar", "PairedTest", "compare_recognizers", "mcnemar", "paired_test"),
            "_conformal": (
                "ConformalSets",
                "Coverage",
                "Cutoff",
                "conformal_coverage",
                "conformal_sets",
                "coverage_by_individual",
            ),
            "_confusions": ("ConfusedPair", "confused_pairs"),
            "_ensemble": ("Ensemble",),
            "_evaluation": ("Evaluation", "evaluate"),
            "_coded_agreement": ("CodedAgreement", "coded_agreement"),
            "_ethogram": ("Ethogram",),
            "_ethogram_cards": ("StateCard", "state_cards"),
            "_ethogram_report": ("ethogram_report",),
            "_figures": (
                "confusion_figure",
                "folds_figure",
                "per_class_figure",
                "reliability_diagram",
                "training_history_figure",
            ),
            "_figures_evaluation": (
                "conformal_figure",
                "groups_figure",
                "selective_figure",
                "uncertainty_figure",
                "wrong_windows_figure",
            ),
            "_fold_scores": ("FoldScore", "FoldScores", "Spread"),
            "_folds": ("align_probabilities", "cross_validate"),
            "_group_scores": ("GroupScore", "group_scores"),
            "_markdown": ("markdown_table",),
            "_peers": ("feature_lda", "nearest_neighbour", "window_statistics"),
            "_report": ("html_report",),
            "_save_report": ("save_report",),
            "_scores": ("ClassScores", "METRICS", "Scores", "score"),
            "_segments": ("SegmentScores", "label_segments", "segment_f1"),
            "_selective": ("SelectiveCurve", "selective_accuracy"),
            "_temperature": ("TEMPERATURE_RANGE", "apply_temperature", "fit_temperature", "log_probabilities"),
            "_uncertainty": ("Uncertainty", "uncertainty"),
            "_wrong": ("WrongWindow", "wrong_windows"),
        },
    )

__all__ = [
    "METRICS",
    "TEMPERATURE_RANGE",
    "Audit",
    "BehaviorScores",
    "BoundaryScores",
    "ClassScores",
    "CodedAgreement",
    "Comparison",
    "ConformalSets",
    "ConfusedPair",
    "Coverage",
    "Cutoff",
    "DwellTimes",
    "Ensemble",
    "Ethogram",
    "Evaluation",
    "FoldScore",
    "FoldScores",
    "GroupScore",
    "Interval",
    "McNemar",
    "PairedTest",
    "ReliabilityBin",
    "Scores",
    "SegmentScores",
    "SelectiveCurve",
    "Spread",
    "StateCard",
    "StateUncertainty",
    "Uncertainty",
    "WrongWindow",
    "adjusted_rand",
    "align_probabilities",
    "apply_temperature",
    "audit",
    "baseline_scores",
    "behavior_scores",
    "boundary_f1",
    "brier_score",
    "class_posteriors",
    "coded_agreement",
    "compare_recognizers",
    "confidence_histogram",
    "conformal_coverage",
    "conformal_figure",
    "conformal_sets",
    "confused_pairs",
    "confusion_figure",
    "coverage_by_individual",
    "cross_validate",
    "dwell_times",
    "ethogram_report",
    "evaluate",
    "expected_calibration_error",
    "feature_lda",
    "fit_temperature",
    "folds_figure",
    "group_bootstrap",
    "group_bootstrap_difference",
    "group_scores",
    "groups_figure",
    "html_report",
    "label_segments",
    "log_probabilities",
    "markdown_table",
    "match_chains",
    "match_states",
    "maximum_calibration_error",
    "mcnemar",
    "motif_count",
    "mutual_information",
    "nearest_neighbour",
    "normalized_mutual_information",
    "paired_test",
    "per_class_figure",
    "posterior_reliability",
    "reliability",
    "reliability_bins",
    "reliability_diagram",
    "save_report",
    "score",
    "segment_f1",
    "selective_accuracy",
    "selective_figure",
    "state_cards",
    "state_coverage",
    "state_entropy",
    "state_uncertainty",
    "training_history_figure",
    "transition_counts",
    "transition_rate",
    "uncertainty",
    "uncertainty_figure",
    "window_statistics",
    "wrong_windows",
    "wrong_windows_figure",
]

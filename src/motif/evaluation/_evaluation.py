"""Everything that can be said of a recognizer's answers to a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.evaluation._baseline import baseline_scores
from motif.evaluation._bootstrap import Interval, group_bootstrap
from motif.evaluation._compare import Comparison, compare_recognizers
from motif.evaluation._conformal import Coverage, coverage_by_individual
from motif.evaluation._confusions import ConfusedPair, confused_pairs
from motif.evaluation._group_scores import GroupScore, group_scores
from motif.evaluation._inputs import checked_pair
from motif.evaluation._scores import Scores, score
from motif.evaluation._selective import SelectiveCurve, selective_accuracy
from motif.evaluation._temperature import apply_temperature, log_probabilities
from motif.evaluation._uncertainty import Uncertainty, uncertainty
from motif.evaluation._wrong import WrongWindow, wrong_windows

if TYPE_CHECKING:
    from motif.recordings import Dataset

__all__ = ["COVERAGE_LEVELS", "Evaluation", "evaluate"]

COVERAGE_LEVELS = (0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Evaluation:
    """What a report shows."""

    name: str
    """Of the recognizer."""
    how: str
    """Which windows these are, in a sentence."""
    group_kind: str
    scores: Scores
    baseline: Scores
    """The recognizer that never looks."""
    intervals: Mapping[str, Interval]
    per_group: tuple[GroupScore, ...]
    pairs: tuple[ConfusedPair, ...]
    selective: SelectiveCurve
    coverage: Mapping[float, tuple[Coverage, ...]]
    """Of conformal sets, by nominal level, calibrated as `coverage_by_individual` does."""
    wrong: tuple[WrongWindow, ...]
    groups: NDArray[np.str_]
    """(n,)"""
    order: NDArray[np.int64]
    """(n,), windows in the order of their stretch and start."""
    right: NDArray[np.bool_]
    """(n,)"""
    uncalibrated: Scores | None
    """The same answers before temperature scaling."""
    uncertainty: Uncertainty | None
    comparison: Comparison | None
    rival: Scores | None
    """Of the recognizer compared with."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts, lists and None, ready for JSON."""
        return {
            "name": self.name,
            "how": self.how,
            "group_kind": self.group_kind,
            "scores": self.scores.to_dict(),
            "baseline": self.baseline.to_dict(),
            "intervals": {name: asdict(interval) for name, interval in self.intervals.items()},
            "per_group": [asdict(group) for group in self.per_group],
            "confused_pairs": [asdict(pair) for pair in self.pairs],
            "selective": self.selective.to_dict(),
            "conformal": {str(level): [c.to_dict() for c in rows] for level, rows in self.coverage.items()},
            "calibration": {"before": _calibration(self.uncalibrated), "after": _calibration(self.scores)},
            "uncertainty": self._doubt(),
            "comparison": self.comparison and self.comparison.to_dict(),
            "wrong": [window.to_dict() for window in self.wrong],
        }

    def _doubt(self) -> dict[str, dict[str, float | None]] | None:
        """Return the mean of each doubt over windows answered rightly and wrongly."""
        doubt = self.uncertainty
        if doubt is None:
            return None
        parts = {"total": doubt.total, "aleatoric": doubt.aleatoric, "epistemic": doubt.epistemic}
        answered = {"right": self.right, "wrong": ~self.right}
        return {
            name: {kind: float(values[rows].mean()) if rows.any() else None for kind, rows in answered.items()}
            for name, values in parts.items()
        }


def evaluate(
    dataset: Dataset,
    probabilities: ArrayLike,
    *,
    rows: ArrayLike | None = None,
    name: str = "recognizer",
    how: str = "all these windows at once",
    y_train: ArrayLike | None = None,
    temperature: float | None = None,
    members: Sequence[ArrayLike] = (),
    rival: ArrayLike | None = None,
    rival_name: str = "rival",
) -> Evaluation:
    """Judge probabilities against a data set in every way there is here.

    Parameters
    ----------
    dataset : Dataset
        Windows, of which those judged were not trained on.
    probabilities : (n, n_classes)
        Columns as `dataset.class_names`.
    rows : (n,), optional
        Which windows of the data set were judged; all in their order when not given.
    name, how : str
        Of the recognizer; which windows these are.
    y_train : (n_train,), optional
        Class indices it was trained on, for the baseline; those of `dataset` otherwise.
    temperature : float, optional
        By which its logits were divided; the scores before that are then given too.
    members : sequence of (n, n_classes)
        Answers of recognizers that learnt the same from other first weights, for `uncertainty`; `probabilities` counts
        as one of them.
    rival : (n, n_classes), optional
        Answers of another recognizer to the same windows.
    rival_name : str
        Its name.

    Raises
    ------
    ShapeError, LabelError, DtypeError, NotFiniteError, ConfigError
        The arrays do not belong together.
    """
    index = np.arange(dataset.n_windows) if rows is None else np.asarray(rows)
    judged = dataset.subset(index)
    y, p = checked_pair(judged.y, probabilities)
    names, groups = judged.class_names, judged.groups
    scores = score(y, p, names)
    said = p.argmax(axis=1)
    return Evaluation(
        name=name,
        how=how,
        group_kind=judged.group_kind,
        scores=scores,
        baseline=baseline_scores(y if y_train is None else y_train, y, names),
        intervals={n: i for n, i in group_bootstrap(y, said, groups).items() if getattr(scores, n) is not None},
        per_group=group_scores(y, p, groups, names),
        pairs=confused_pairs(scores),
        selective=selective_accuracy(y, p),
        coverage={level: coverage_by_individual(y, p, groups, level=level) for level in COVERAGE_LEVELS if len(y) > 1},
        wrong=wrong_windows(dataset, p, index),
        groups=groups,
        order=np.lexsort((judged.start, judged.stretch)),
        right=said == y,
        uncalibrated=None if temperature is None else score(y, _before(p, temperature), names),
        uncertainty=uncertainty(np.stack([p, *map(np.asarray, members)])) if members else None,
        comparison=None if rival is None else compare_recognizers(y, p, rival, groups, names, names=(name, rival_name)),
        rival=None if rival is None else score(y, rival, names),
    )


def _before(p: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Undo temperature scaling; what stood below 1e-38 stays there."""
    return apply_temperature(log_probabilities(p), 1 / temperature)


def _calibration(scores: Scores | None) -> dict[str, float] | None:
    return None if scores is None else {name: getattr(scores, name) for name in ("ece", "mce", "brier", "log_loss")}

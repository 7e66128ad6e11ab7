"""What came out of judging across folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.evaluation._bootstrap import Interval, group_bootstrap
from motif.evaluation._group_scores import GroupScore, group_scores
from motif.evaluation._scores import METRICS, Scores, score

__all__ = ["FoldScore", "FoldScores", "Spread", "fold_scores"]


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure across folds."""

    mean: float
    std: float | None
    """Standard deviation of a sample (n - 1); None with a single fold."""
    min: float
    max: float
    n: int
    """Folds in which the figure could be computed."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FoldScore:
    """One fold."""

    name: str
    scores: Scores
    baseline: Scores
    n_train: int
    n_test: int
    train_groups: tuple[str, ...]
    test_groups: tuple[str, ...]
    fit_seconds: float
    predict_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts, lists and None, ready for JSON."""
        plain = ("name", "n_train", "n_test", "fit_seconds", "predict_seconds")
        return {
            **{name: getattr(self, name) for name in plain},
            "train_groups": list(self.train_groups),
            "test_groups": list(self.test_groups),
            "scores": self.scores.to_dict(),
            "baseline": self.baseline.to_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FoldScores:
    """Every fold, what all of them say together, and how far they lie apart."""

    how: str
    """How the windows were split, in a sentence."""
    class_names: tuple[str, ...]
    folds: tuple[FoldScore, ...]
    spread: Mapping[str, Spread]
    """By name of the figure, as in `METRICS`."""
    pooled: Scores
    """All tested windows as one set."""
    baseline: Scores
    """The same windows, answered with the class frequencies of each fold's training set."""
    per_group: tuple[GroupScore, ...]
    intervals: Mapping[str, Interval]
    """Bootstrap over groups, by name of the figure; empty with a single group."""
    indices: NDArray[np.int64]
    """(n_tested,), index into the data set of each tested window, fold after fold."""
    y_true: NDArray[np.int64]
    """(n_tested,)"""
    probabilities: NDArray[np.float32]
    """(n_tested, n_classes)"""
    wrong: NDArray[np.int64]
    """Index into the data set of each window that was answered wrongly."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts, lists and None, ready for JSON; without the probabilities."""
        return {
            "how": self.how,
            "class_names": list(self.class_names),
            "folds": [fold.to_dict() for fold in self.folds],
            "spread": {name: asdict(spread) for name, spread in self.spread.items()},
            "pooled": self.pooled.to_dict(),
            "baseline": self.baseline.to_dict(),
            "per_group": [asdict(group) for group in self.per_group],
            "intervals": {name: asdict(interval) for name, interval in self.intervals.items()},
            "wrong": self.wrong.tolist(),
        }


def fold_scores(
    *,
    how: str,
    folds: tuple[FoldScore, ...],
    indices: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    priors: NDArray[np.float64],
    y: NDArray[np.int64],
    groups: NDArray[np.str_],
    class_names: tuple[str, ...],
) -> FoldScores:
    """Put the folds together. `y` and `groups` are the whole data set's; the rest stands in the order of `indices`."""
    y_true, predicted = y[indices], probabilities.argmax(axis=1)
    return FoldScores(
        how=how,
        class_names=tuple(class_names),
        folds=folds,
        spread=_spreads(folds),
        pooled=score(y_true, probabilities, class_names),
        baseline=score(y_true, priors, class_names),
        per_group=group_scores(y_true, probabilities, groups[indices], class_names),
        intervals=group_bootstrap(y_true, predicted, groups[indices]),
        indices=indices,
        y_true=y_true,
        probabilities=probabilities,
        wrong=indices[predicted != y_true],
    )


def _spreads(folds: tuple[FoldScore, ...]) -> dict[str, Spread]:
    spreads = {}
    for name in METRICS:
        values = [value for fold in folds if (value := getattr(fold.scores, name)) is not None]
        if values:
            std = float(np.std(values, ddof=1)) if len(values) > 1 else None
            spreads[name] = Spread(float(np.mean(values)), std, min(values), max(values), len(values))
    return spreads

"""Every figure of one set of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import LabelError
from motif.evaluation._calibration import (
    ReliabilityBin,
    brier_score,
    expected_calibration_error,
    maximum_calibration_error,
    reliability,
)
from motif.evaluation._inputs import checked_pair

__all__ = ["METRICS", "ClassScores", "Scores", "score"]

METRICS = (
    "accuracy",
    "macro_precision",
    "macro_recall",
    "macro_f1",
    "micro_precision",
    "micro_recall",
    "micro_f1",
    "weighted_precision",
    "weighted_recall",
    "weighted_f1",
    "kappa",
    "matthews",
    "roc_auc",
    "log_loss",
    "ece",
    "mce",
    "brier",
)
"""Names of the figures of `Scores` that are one number."""

_ONE_CLASS = "truth and prediction are one and the same class throughout; chance alone would agree"


@dataclass(frozen=True, slots=True)
class ClassScores:
    """The figures of one class; None where it neither occurs nor was predicted, or AUC has nothing to tell apart."""

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    roc_auc: float | None
    support: int
    """Windows of this class."""
    predicted: int
    """Windows that were called this class."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scores:
    """How good a recognizer's answers were.

    Macro figures average over the classes that occur or were predicted; a class that was never predicted counts with
    precision 0, one that never occurs but was predicted with recall 0. What cannot be computed is None, and `reasons`
    says why.
    """

    n: int
    class_names: tuple[str, ...]
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    micro_precision: float
    micro_recall: float
    micro_f1: float
    weighted_precision: float
    weighted_recall: float
    weighted_f1: float
    kappa: float | None
    """Cohen's kappa: agreement beyond chance."""
    matthews: float | None
    """Matthews correlation; 0 where all windows get one answer."""
    roc_auc: float | None
    """One class against the rest, averaged over the classes that have both; `without_auc` names the others."""
    log_loss: float
    """Mean negative log-likelihood, nats; a probability of 0 counts as 2e-16."""
    ece: float
    mce: float
    brier: float
    top_k: Mapping[int, float]
    """Share of windows whose class is among the k most probable, for k = 1, 3, 5 below the number of classes."""
    per_class: tuple[ClassScores, ...]
    confusion: NDArray[np.int64]
    """(n_classes, n_classes), rows are the truth, columns what was predicted."""
    reliability: tuple[ReliabilityBin, ...]
    reasons: Mapping[str, str]
    """Why a figure is None."""

    @property
    def confusion_normalized(self) -> NDArray[np.float64]:
        """`confusion` with rows that sum to 1; a class without windows has a row of zeros."""
        return np.asarray(self.confusion / np.maximum(self.confusion.sum(axis=1, keepdims=True), 1))

    @property
    def without_auc(self) -> tuple[str, ...]:
        """Classes that `roc_auc` leaves out: none of these windows is of them, or all are."""
        return tuple(c.name for c in self.per_class if c.roc_auc is None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts, lists and None, ready for JSON."""
        return {
            "n": self.n,
            "class_names": list(self.class_names),
            **{name: getattr(self, name) for name in METRICS},
            "without_auc": list(self.without_auc),
            "top_k": {str(k): value for k, value in self.top_k.items()},
            "per_class": [asdict(c) for c in self.per_class],
            "confusion": self.confusion.tolist(),
            "confusion_normalized": self.confusion_normalized.tolist(),
            "reliability": [asdict(b) for b in self.reliability],
            "reasons": dict(self.reasons),
        }


def score(y_true: ArrayLike, probabilities: ArrayLike, class_names: Sequence[str]) -> Scores:
    """Judge probabilities against the truth; the prediction is the most probable class, the first of equals.

    Parameters
    ----------
    y_true : (n,)
        Index of each window's class in `class_names`.
    probabilities : (n, n_classes)
        Rows that sum to 1, columns in the order of `class_names`.
    class_names : sequence of str
        Name of each column.

    Raises
    ------
    LabelError
        A label outside the classes, rows that are no probabilities, names that don't match the columns.
    ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        The arrays do not fit.

    Examples
    --------
    >>> scores = score([0, 0, 1], [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], ["wave", "tap"])
    >>> round(scores.accuracy, 3), scores.roc_auc, scores.confusion.tolist()
    (0.667, 1.0, [[1, 1], [0, 1]])
    """
    y, p = checked_pair(y_true, probabilities)
    names = tuple(str(name) for name in class_names)
    if len(names) != p.shape[1]:
        raise LabelError(f"{len(names)} class names for {p.shape[1]} columns of probabilities; want one for each")
    predicted = p.argmax(axis=1)
    kappa, matthews = _agreement(y, predicted)
    reasons = {} if kappa is not None else dict.fromkeys(("kappa", "matthews"), _ONE_CLASS)
    per_class = _per_class(y, p, names)
    aucs = [c.roc_auc for c in per_class if c.roc_auc is not None]
    if not aucs:
        reasons["roc_auc"] = "all windows are of one class; AUC needs windows of two"
    return Scores(
        n=len(y),
        class_names=names,
        accuracy=float((predicted == y).mean()),
        **_averages(y, predicted),
        kappa=kappa,
        matthews=matthews,
        roc_auc=float(np.mean(aucs)) if aucs else None,
        log_loss=float(-np.log(np.maximum(p[np.arange(len(y)), y], np.finfo(np.float64).eps)).mean()),
        ece=expected_calibration_error(y, p),
        mce=maximum_calibration_error(y, p),
        brier=brier_score(y, p),
        top_k=_top_k(y, p),
        per_class=per_class,
        confusion=_confusion(y, predicted, len(names)),
        reliability=reliability(y, p),
        reasons=reasons,
    )


def _averages(y: NDArray[np.int64], predicted: NDArray[np.int64]) -> dict[str, float]:
    from sklearn.metrics import precision_recall_fscore_support

    figures: dict[str, float] = {}
    for average in ("macro", "micro", "weighted"):
        three = precision_recall_fscore_support(y, predicted, average=average, zero_division=0)[:3]
        figures |= {f"{average}_{name}": float(x) for name, x in zip(("precision", "recall", "f1"), three, strict=True)}
    return figures


def _agreement(y: NDArray[np.int64], predicted: NDArray[np.int64]) -> tuple[float | None, float | None]:
    from sklearn.metrics import cohen_kappa_score, matthews_corrcoef

    if len(np.union1d(y, predicted)) < 2:
        return None, None
    return float(cohen_kappa_score(y, predicted)), float(matthews_corrcoef(y, predicted))


def _confusion(y: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    return np.bincount(y * n_classes + predicted, minlength=n_classes**2).reshape(n_classes, n_classes)


def _per_class(y: NDArray[np.int64], p: NDArray[np.float64], names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

    predicted = p.argmax(axis=1)
    table = precision_recall_fscore_support(y, predicted, labels=np.arange(len(names)), zero_division=0)
    rows = []
    for i, name in enumerate(names):
        support, called = int((y == i).sum()), int((predicted == i).sum())
        precision, recall, f1 = (float(column[i]) if support or called else None for column in table[:3])
        auc = float(roc_auc_score(y == i, p[:, i])) if 0 < support < len(y) else None
        rows.append(ClassScores(name, precision, recall, f1, auc, support, called))
    return tuple(rows)


def _top_k(y: NDArray[np.int64], p: NDArray[np.float64]) -> dict[int, float]:
    place = (np.argsort(-p, axis=1, kind="stable") == y[:, None]).argmax(axis=1)
    return {k: float((place < k).mean()) for k in (1, 3, 5) if k == 1 or k < p.shape[1]}

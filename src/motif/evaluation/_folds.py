"""Fit and judge across folds that keep groups apart, and say how much the figures vary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, LabelError, ShapeError
from motif.evaluation._baseline import baseline_scores
from motif.evaluation._fold_scores import FoldScore, FoldScores, fold_scores
from motif.evaluation._scores import score

if TYPE_CHECKING:
    from motif.recordings import Dataset, Fold, Split

__all__ = ["Progress", "align_probabilities", "cross_validate"]

Progress = Callable[[int, int, str], None]
"""Called as `progress(folds_done, n_folds, name_of_the_next_fold)`, and at the end with an empty name."""
_Judged = tuple[FoldScore, NDArray[np.float32], NDArray[np.float64]]
"""A fold's figures, probabilities (n_test, n_classes) and what the class frequencies say (n_test, n_classes)."""


class Fits(Protocol):
    """What can be judged: a scikit-learn classifier with probabilities; `groups` are passed where `fit` takes them."""

    def fit(self, X: Any, y: Any) -> Any:
        """Learn from windows `X` (n, …) with labels `y` (n,)."""
        ...

    def predict_proba(self, X: Any) -> Any:
        """Return (n, len(classes_)) probabilities."""
        ...


def cross_validate(
    make_recognizer: Callable[[], Fits],
    dataset: Dataset,
    split: Split,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> FoldScores:
    """Fit a new recognizer on each fold's training windows, judge it on the others, and pool what it said.

    Parameters
    ----------
    make_recognizer : callable
        Gives an unfitted recognizer; called once a fold.
    dataset : Dataset
        Windows, integer labels, class names and groups.
    split : Split
        Folds of indices, with a sentence on how they were made.
    jobs : int
        Folds judged at once, each in a process of its own; the scores are those of one after the other.
        `make_recognizer` travels there: a `functools.partial` of a class does, an open file or progress bar does not.
    progress : callable, optional
        See `Progress`.

    Raises
    ------
    ConfigError
        There is no fold, a fold has nothing to train on or test, or trains on a window that it tests, or `jobs` is
        below 1.
    LabelError
        The recognizer's `classes_` are not indices into `dataset.class_names`.
    """
    folds = list(split.folds)
    if not folds:
        raise ConfigError("the split has no folds; make one with motif.recordings first")
    for fold in folds:
        _check(fold)
    if jobs < 1:
        raise ConfigError(f"jobs is {jobs}; want 1, or as many processes as may run at once")
    judged, probabilities, priors = [], [], []
    results = _results(make_recognizer, dataset, folds, jobs)
    for done, fold in enumerate(folds):
        if progress is not None:
            progress(done, len(folds), fold.name)
        result, p, prior = next(results)
        judged.append(result)
        probabilities.append(p)
        priors.append(prior)
    if progress is not None:
        progress(len(folds), len(folds), "")
    return fold_scores(
        how=split.how,
        folds=tuple(judged),
        indices=np.concatenate([np.asarray(fold.test, dtype=np.int64) for fold in folds]),
        probabilities=np.concatenate(probabilities),
        priors=np.concatenate(priors),
        y=dataset.y,
        groups=dataset.groups,
        class_names=dataset.class_names,
    )


def align_probabilities(probabilities: ArrayLike, classes: ArrayLike, n_classes: int) -> NDArray[np.float32]:
    """Put each column at the index of its class; a class that the recognizer never met gets probability 0.

    Parameters
    ----------
    probabilities : (n, len(classes))
        As `predict_proba` gives them.
    classes : (n_known,)
        The recognizer's `classes_`: indices of classes.
    n_classes : int
        Columns wanted.

    Raises
    ------
    LabelError
        A class is no index below `n_classes`.
    ShapeError
        There are more or fewer columns than classes.

    Examples
    --------
    >>> align_probabilities([[0.25, 0.75]], [0, 2], 3)
    array([[0.25, 0.  , 0.75]], dtype=float32)
    """
    p, columns = np.asarray(probabilities, dtype=np.float32), np.asarray(classes)
    if columns.dtype.kind not in "iu" or (columns < 0).any() or (columns >= n_classes).any():
        raise LabelError(f"classes_ are {columns.tolist()}; want integers 0 … {n_classes - 1}: fit on the data set's y")
    if p.ndim != 2 or p.shape[1] != len(columns):
        raise ShapeError("probabilities", got=p.shape, want=f"(n, {len(columns)}), one column for each of classes_")
    aligned = np.zeros((len(p), n_classes), dtype=np.float32)
    aligned[:, columns] = p
    return aligned


def _check(fold: Fold) -> None:
    if not len(fold.train) or not len(fold.test):
        raise ConfigError(
            f"fold {fold.name!r} trains on {len(fold.train)} windows and tests {len(fold.test)}; want at least one each"
        )
    shared = np.intersect1d(fold.train, fold.test)
    if shared.size:
        raise ConfigError(
            f"fold {fold.name!r} tests {shared.size} windows that it trains on, the first {shared[0]}; "
            "such a score says nothing: make the fold again"
        )


def _results(make_recognizer: Callable[[], Fits], dataset: Dataset, folds: list[Fold], jobs: int) -> Iterator[_Judged]:
    """Judge the folds, in their order; with one job in this process, each when it is asked for."""
    from sklearn.utils.parallel import Parallel, delayed

    tasks = (delayed(_judge)(make_recognizer, dataset, fold) for fold in folds)
    results: Iterator[_Judged] = Parallel(n_jobs=jobs, return_as="generator")(tasks)
    return results


def _judge(make_recognizer: Callable[[], Fits], dataset: Dataset, fold: Fold) -> _Judged:
    recognizer = make_recognizer()
    train, test = np.asarray(fold.train), np.asarray(fold.test)
    names, n_classes = dataset.class_names, len(dataset.class_names)
    began = perf_counter()
    takes_groups = "groups" in signature(recognizer.fit).parameters
    together = {"groups": dataset.groups[train]} if takes_groups else {}
    recognizer.fit(dataset.X[train], dataset.y[train], **together)
    fitted = perf_counter()
    raw = recognizer.predict_proba(dataset.X[test])
    predicted = perf_counter()
    p = align_probabilities(raw, np.asarray(getattr(recognizer, "classes_", np.arange(n_classes))), n_classes)
    counts = np.bincount(dataset.y[train], minlength=n_classes)
    result = FoldScore(
        name=fold.name,
        scores=score(dataset.y[test], p, names),
        baseline=baseline_scores(dataset.y[train], dataset.y[test], names),
        n_train=len(train),
        n_test=len(test),
        train_groups=tuple(str(g) for g in np.unique(dataset.groups[train])),
        test_groups=tuple(str(g) for g in np.unique(dataset.groups[test])),
        fit_seconds=fitted - began,
        predict_seconds=predicted - fitted,
    )
    return result, p, np.tile(counts / counts.sum(), (len(test), 1))

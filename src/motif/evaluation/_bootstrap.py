"""How far a figure would move with other people: the bootstrap over whole groups."""

from __future__ import annotations

from dataclasses import dataclass
from sys import maxsize

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, ShapeError
from motif.evaluation._inputs import checked_labels

__all__ = ["Interval", "group_bootstrap"]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies, with `level` confidence."""

    low: float
    high: float
    level: float
    n_groups: int
    """Groups that were drawn from; below about ten the interval is itself rough, and tends to be too narrow."""


def group_bootstrap(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    groups: ArrayLike,
    *,
    n_resamples: int = 2000,
    level: float = 0.95,
    random_state: int = 0,
) -> dict[str, Interval]:
    """Return percentile intervals of `accuracy` and `macro_f1`; none where there is but one group.

    Windows of one person or session are alike, so whole groups are drawn with replacement, never single windows.

    Parameters
    ----------
    y_true, y_pred : (n,)
        Class indices.
    groups : (n,)
        Subject, session or block of each window.
    n_resamples : int
        Draws.
    level : float
        Confidence, between 0 and 1.
    random_state : int
        Seed.

    Raises
    ------
    ConfigError
        `n_resamples` or `level` cannot be.
    ShapeError, DtypeError, TooFewSamplesError
        The arrays do not belong together.

    References
    ----------
    Field and Welsh (2007), "Bootstrapping clustered data", JRSS B 69(3).
    """
    if n_resamples < 1 or not 0 < level < 1:
        raise ConfigError(
            f"n_resamples={n_resamples} and level={level} cannot be; want at least 1, and between 0 and 1"
        )
    counts = _confusion_of_each_group(y_true, y_pred, groups)
    n_groups = len(counts)
    if n_groups < 2:
        return {}
    rng = np.random.default_rng(random_state)
    draws = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_resamples)
    resampled = np.stack([np.tensordot(draw, counts, axes=1) for draw in draws])
    intervals = {}
    for name, values in (("accuracy", _accuracy(resampled)), ("macro_f1", _macro_f1(resampled))):
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        intervals[name] = Interval(float(low), float(high), level, n_groups)
    return intervals


def _confusion_of_each_group(y_true: ArrayLike, y_pred: ArrayLike, groups: ArrayLike) -> NDArray[np.int64]:
    """Return (n_groups, n_classes, n_classes)."""
    y, predicted = checked_labels("y_true", y_true, maxsize), checked_labels("y_pred", y_pred, maxsize)
    n_classes = int(max(y.max(), predicted.max())) + 1
    names, of_group = np.unique(np.asarray(groups), return_inverse=True)
    if not len(y) == len(predicted) == len(of_group):
        raise ShapeError("y_pred and groups", got=(len(predicted), len(of_group)), want=f"({len(y)},) each, as y_true")
    counts = np.zeros((len(names), n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (of_group, y, predicted), 1)
    return counts


def _accuracy(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.trace(confusion, axis1=1, axis2=2) / confusion.sum(axis=(1, 2)))


def _macro_f1(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean of 2·hits / (occurs + predicted) over the classes that occur or were predicted."""
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    both = confusion.sum(axis=1) + confusion.sum(axis=2)
    return np.asarray((2 * hits / np.maximum(both, 1)).sum(axis=1) / (both > 0).sum(axis=1))

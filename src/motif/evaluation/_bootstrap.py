"""How far a figure would move with other people: the bootstrap over whole groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from sys import maxsize

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, ShapeError
from motif.evaluation._inputs import checked_labels

__all__ = ["Interval", "group_bootstrap", "group_bootstrap_difference"]

Counts = NDArray[np.float64]
"""(…, 3, n_classes): windows of each class that were right, that there are, that were called so."""


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
    """Return percentile intervals of what a confusion matrix tells; none where there is but one group.

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

    Returns
    -------
    dict
        `accuracy`, `macro_f1`, `weighted_f1` and `kappa`.

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
    (counts,) = _counts_of_each_group(y_true, (y_pred,), groups)
    draws = _draws(len(counts), n_resamples, level, random_state)
    if draws is None:
        return {}
    resampled = _sums(draws, counts)
    return {name: _interval(figure(resampled), level, len(counts)) for name, figure in _FIGURES.items()}


def group_bootstrap_difference(
    y_true: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    groups: ArrayLike,
    *,
    n_resamples: int = 2000,
    level: float = 0.95,
    random_state: int = 0,
) -> dict[str, Interval]:
    """Return intervals of how much better `first` is than `second` (n,), the same groups drawn for both.

    Figures, other parameters and errors are those of `group_bootstrap`.
    """
    one, other = _counts_of_each_group(y_true, (first, second), groups)
    draws = _draws(len(one), n_resamples, level, random_state)
    if draws is None:
        return {}
    a, b = _sums(draws, one), _sums(draws, other)
    return {name: _interval(figure(a) - figure(b), level, len(one)) for name, figure in _FIGURES.items()}


def _draws(n_groups: int, n_resamples: int, level: float, random_state: int) -> NDArray[np.int64] | None:
    """Return how often each group is drawn, (n_resamples, n_groups)."""
    if n_resamples < 1 or not 0 < level < 1:
        raise ConfigError(
            f"n_resamples={n_resamples} and level={level} cannot be; want at least 1, and between 0 and 1"
        )
    if n_groups < 2:
        return None
    return np.random.default_rng(random_state).multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_resamples)


def _sums(draws: NDArray[np.int64], counts: Counts) -> Counts:
    return np.tensordot(draws.astype(np.float64), counts, axes=1)


def _interval(values: NDArray[np.float64], level: float, n_groups: int) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level, n_groups)


def _counts_of_each_group(y_true: ArrayLike, answers: tuple[ArrayLike, ...], groups: ArrayLike) -> list[Counts]:
    """Return (n_groups, 3, n_classes) for each of the answers."""
    y = checked_labels("y_true", y_true, maxsize)
    predictions = [checked_labels("y_pred", answer, maxsize) for answer in answers]
    n_classes = int(max(labels.max() for labels in (y, *predictions))) + 1
    names, of_group = np.unique(np.asarray(groups), return_inverse=True)
    lengths = tuple(map(len, (*predictions, of_group)))
    if set(lengths) != {len(y)}:
        raise ShapeError("y_pred and groups", got=lengths, want=f"({len(y)},) each, as y_true")
    found = []
    for predicted in predictions:
        counts = np.zeros((len(names), 3, n_classes))
        np.add.at(counts[:, 0], (of_group, y), predicted == y)
        np.add.at(counts[:, 1], (of_group, y), 1)
        np.add.at(counts[:, 2], (of_group, predicted), 1)
        found.append(counts)
    return found


def _accuracy(counts: Counts) -> NDArray[np.float64]:
    right, occurs, _ = np.moveaxis(counts, 1, 0)
    return np.asarray(right.sum(axis=1) / occurs.sum(axis=1))


def _f1(counts: Counts) -> NDArray[np.float64]:
    """Return 2·right / (occurs + called) of each class."""
    right, occurs, called = np.moveaxis(counts, 1, 0)
    return np.asarray(2 * right / np.maximum(occurs + called, 1))


def _macro_f1(counts: Counts) -> NDArray[np.float64]:
    """Return the mean over the classes that occur or were predicted."""
    seen = (counts[:, 1] + counts[:, 2] > 0).sum(axis=1)
    return np.asarray(_f1(counts).sum(axis=1) / seen)


def _weighted_f1(counts: Counts) -> NDArray[np.float64]:
    occurs = counts[:, 1]
    return np.asarray((_f1(counts) * occurs).sum(axis=1) / occurs.sum(axis=1))


def _kappa(counts: Counts) -> NDArray[np.float64]:
    """Return agreement beyond chance; 0 where chance alone would agree throughout."""
    _, occurs, called = np.moveaxis(counts, 1, 0)
    chance = (occurs * called).sum(axis=1) / occurs.sum(axis=1) ** 2
    return np.where(chance < 1, (_accuracy(counts) - chance) / np.where(chance < 1, 1 - chance, 1), 0.0)


_FIGURES: Mapping[str, Callable[[Counts], NDArray[np.float64]]] = {
    "accuracy": _accuracy,
    "macro_f1": _macro_f1,
    "weighted_f1": _weighted_f1,
    "kappa": _kappa,
}

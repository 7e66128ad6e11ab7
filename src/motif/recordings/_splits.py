"""Divisions into training and test that motion cannot leak through: by group, or by contiguous blocks in time.

Neighbours in time are near copies of each other, so nothing here divides at random.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, LabelError, TooFewSamplesError
from motif.recordings._dataset import Dataset
from motif.recordings._time_blocks import nearer_than, time_blocks

__all__ = ["Fold", "Split", "by_block", "by_group", "default_split", "holdout", "leave_one_group_out"]

_MOST_GROUPS_TO_LEAVE_OUT = 10
_GIVEN = "part"


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One division: windows to learn from and windows to be judged by."""

    name: str
    train: NDArray[np.int64]
    """(n_train,), indices into the data set, ascending."""
    test: NDArray[np.int64]
    """(n_test,), indices into the data set, ascending."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """How a data set is divided, in words for a report, and the folds."""

    how: str
    folds: tuple[Fold, ...]

    def __iter__(self) -> Iterator[Fold]:
        return iter(self.folds)

    def __len__(self) -> int:
        return len(self.folds)


def leave_one_group_out(dataset: Dataset) -> Split:
    """Test on each group once, having learnt from all the others.

    Raises
    ------
    TooFewSamplesError
        There is one group only.
    LabelError
        There is one class only, or a fold has just one to learn.
    """
    names = dataset.group_names
    _require_groups(dataset)
    folds = [_fold(str(name), dataset.groups == name) for name in names]
    return _split(dataset, f"leave one {dataset.group_kind} out: {len(folds)} folds", folds)


def by_group(dataset: Dataset, n_folds: int = 5, *, random_state: int = 0) -> Split:
    """Divide the groups among folds so that classes are spread alike: no group stands on both sides.

    Parameters
    ----------
    dataset : Dataset
    n_folds : int
        At least 2, at most the number of groups.
    random_state : int
        Which groups come together, where several ways are equally good.

    Raises
    ------
    ConfigError, TooFewSamplesError, LabelError
        `n_folds` does not fit the groups, there is one group only, or one class only.

    References
    ----------
    scikit-learn's `StratifiedGroupKFold`.
    """
    folds = _group_folds(dataset, n_folds, random_state)
    return _split(dataset, f"by {dataset.group_kind}: {len(dataset.group_names)} in {len(folds)} folds", folds)


def _group_folds(dataset: Dataset, n_folds: int, random_state: int) -> list[Fold]:
    from sklearn.model_selection import StratifiedGroupKFold

    _require_groups(dataset)
    n_groups = len(dataset.group_names)
    if not 2 <= n_folds <= n_groups:
        raise ConfigError(f"n_folds is {n_folds}; want 2 to {n_groups}, the number of {dataset.group_kind}s")
    if max(dataset.class_counts().values()) < n_folds:
        raise LabelError(f"no class has {n_folds} windows; want fewer folds or more windows")
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a rare class: `how` says where it was never learnt
        parts = [test for _, test in splitter.split(dataset.y, dataset.y, dataset.groups) if test.size]
    masks = [np.isin(np.arange(dataset.n_windows), test) for test in parts]
    return [_fold("+".join(np.unique(dataset.groups[mask]).tolist()), mask) for mask in masks]


def by_block(dataset: Dataset, n_folds: int = 5, *, gap: int | None = None) -> Split:
    """Cut each stretch of recording into contiguous blocks in time; test on one block of each, learn from the others.

    A stretch with fewer windows than folds is not cut: the stretches of a class are shared out whole, in their order.

    Parameters
    ----------
    dataset : Dataset
    n_folds : int
        At least 2.
    gap : int, optional
        Samples that must lie between a training and a test window of one stretch; training windows nearer than that
        are left out. One window length when not given.

    Raises
    ------
    ConfigError, TooFewSamplesError, LabelError
        `n_folds` or `gap` cannot be, there are fewer windows than folds, or one class only.
    """
    gap = dataset.window_length if gap is None else gap
    if n_folds < 2 or gap < 0:
        raise ConfigError(
            f"n_folds is {n_folds} and gap is {gap}; want at least 2 folds and a gap of 0 or more samples"
        )
    if dataset.n_windows < n_folds:
        raise TooFewSamplesError(f"{dataset.name!r} has {dataset.n_windows} windows; want at least n_folds={n_folds}")
    block = time_blocks(dataset, n_folds)
    folds = []
    for k in np.unique(block):
        fold = _fold(f"block {k}", block == k)
        train = fold.train[~nearer_than(dataset, fold.train, fold.test, gap)]
        folds.append(replace(fold, train=train))
    return _split(dataset, f"by contiguous blocks in time, {gap} samples apart: {len(folds)} folds", folds)


def default_split(dataset: Dataset) -> Split:
    """Divide by the data set's own division if it has one, else by group, else by blocks in time. Never at random.

    Up to ten groups are left out one by one; more are shared among five folds.

    Raises
    ------
    LabelError, TooFewSamplesError
        There is one class only, or too few windows.
    """
    n_groups = len(dataset.group_names)
    if dataset.group_kind == _GIVEN and dataset.group_names == ("test", "train"):
        return _split(
            dataset, "as published: learnt from train, judged on test", [_fold("test", dataset.groups == "test")]
        )
    if n_groups > _MOST_GROUPS_TO_LEAVE_OUT:
        return by_group(dataset)
    return leave_one_group_out(dataset) if n_groups > 1 else by_block(dataset)


def holdout(
    dataset: Dataset,
    share: float = 0.2,
    *,
    by: Literal["group", "block"] | None = None,
    random_state: int = 0,
) -> Split:
    """Divide once, into about `1 - share` to learn from and `share` to validate on.

    Parameters
    ----------
    dataset : Dataset
    share : float
        Between 0 and 0.5.
    by : {"group", "block"}, optional
        By group when not given, if there are two and every class stays among those to learn from; else by block.
    random_state : int
        Which groups are held out.

    Returns
    -------
    Split
        With one fold.

    Raises
    ------
    ConfigError, LabelError, TooFewSamplesError
        `share` cannot be, or there are too few classes, groups or windows.
    """
    if not 0 < share <= 0.5:
        raise ConfigError(f"share is {share}; want above 0, at most 0.5")
    n_folds = max(2, round(1 / share))
    n_groups = len(dataset.group_names)
    if by == "group" or (by is None and n_groups > 1):
        folds = _group_folds(dataset, min(n_folds, n_groups), random_state)
        complete = [fold for fold in folds if not _unlearnt(dataset, fold)]
        if complete or by == "group":
            best = min(complete or folds, key=lambda fold: abs(fold.test.size / dataset.n_windows - share))
            return _split(dataset, f"held out by {dataset.group_kind}: {best.name}", [best])
    last = by_block(dataset, min(n_folds, dataset.n_windows)).folds[-1]
    return _split(dataset, "held out by time: the last block of each stretch", [last])


def _fold(name: str, test: NDArray[np.bool_]) -> Fold:
    return Fold(name, np.flatnonzero(~test), np.flatnonzero(test))


def _require_groups(dataset: Dataset) -> None:
    names = dataset.group_names
    if len(names) < 2:
        raise TooFewSamplesError(
            f"{dataset.name!r} has {len(names)} {dataset.group_kind} ({', '.join(names)}); "
            "want at least two to divide by, or divide by_block"
        )


def _split(dataset: Dataset, how: str, folds: list[Fold]) -> Split:
    present = [name for name, count in dataset.class_counts().items() if count]
    if len(present) < 2:
        raise LabelError(f"{dataset.name!r} holds one class only, {present[0]!r}; want at least two to tell apart")
    for fold in folds:
        if np.unique(dataset.y[fold.train]).size < 2:
            raise LabelError(
                f"fold {fold.name!r} leaves {fold.train.size} windows of fewer than two classes to learn from; "
                "want more windows, fewer folds or another division"
            )
    unlearnt = {fold.name: missing for fold in folds if (missing := _unlearnt(dataset, fold))}
    if unlearnt:
        told = "; ".join(f"{fold}: {', '.join(names)}" for fold, names in unlearnt.items())
        how += f". Tested without having been learnt: {told}"
    return Split(how, tuple(folds))


def _unlearnt(dataset: Dataset, fold: Fold) -> list[str]:
    missing = np.setdiff1d(dataset.y[fold.test], dataset.y[fold.train])
    return [dataset.class_names[index] for index in missing]

"""Whether a division lets test windows be seen while learning."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from motif.recordings._dataset import Dataset
from motif.recordings._splits import Fold, Split
from motif.recordings._time_blocks import by_stretch

__all__ = ["Leak", "LeakWarning", "check_leaks"]


class LeakWarning(UserWarning):
    """A figure from this division says more about memory than about recognition."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Test windows of one fold that stand too near to what was learnt from."""

    fold: str
    kind: Literal["overlap", "touch", "duplicate"]
    """Shared samples; end on start, in between each other; or the same bytes."""
    n_test: int
    """Test windows concerned."""
    example: tuple[int, int]
    """One test window and the training window it leaks from: indices into the data set."""

    def __str__(self) -> str:
        what = {
            "overlap": "share samples with training windows",
            "touch": "follow training windows without a gap, mingled with them in one recording",
            "duplicate": "are copies of training windows",
        }[self.kind]
        return f"fold {self.fold!r}: {self.n_test} test windows {what}, such as {self.example[0]} of {self.example[1]}"


def check_leaks(dataset: Dataset, split: Split) -> tuple[Leak, ...]:
    """Look for test windows that were as good as seen while learning, and warn of them.

    Three kinds are found within one stretch of recording or by content:

    - *overlap*: a test and a training window share samples;
    - *touch*: one starts where the other ends, both are of one group, and the test windows there are not one unbroken
      run. A block cut out of a stretch touches its neighbours at its two ends only. That is the price of using all
      windows, a few in a hundred, and no leak here; `by_block` leaves a gap and has none of it;
    - *duplicate*: the same bytes stand on both sides.

    Parameters
    ----------
    dataset : Dataset
    split : Split
        From this package or made by hand.

    Returns
    -------
    tuple of Leak
        At most one of each kind a fold; empty when clean.

    Warns
    -----
    LeakWarning
        Once, with all of them, if there are any.
    """
    digests = np.array([blake2b(window.tobytes(), digest_size=16).digest() for window in dataset.X])
    leaks = tuple(leak for fold in split.folds for leak in _leaks_of(dataset, fold, digests))
    if leaks:
        listed = "; ".join(map(str, leaks))
        warnings.warn(
            f"{dataset.name!r} divided {split.how!r} leaks: {listed}. Divide by group or by_block",
            LeakWarning,
            stacklevel=2,
        )
    return leaks


def _leaks_of(dataset: Dataset, fold: Fold, digests: NDArray[np.bytes_]) -> Iterator[Leak]:
    pairs: dict[Literal["overlap", "touch", "duplicate"], list[tuple[int, int]]] = {
        "overlap": [],
        "touch": [],
        "duplicate": _duplicates(fold, digests),
    }
    is_test = np.zeros(dataset.n_windows, bool)
    is_test[fold.test] = True
    for rows in by_stretch(dataset, np.union1d(fold.train, fold.test)).values():
        if is_test[rows].all() or not is_test[rows].any():
            continue
        near = _nearest_training(dataset, rows, is_test)
        pairs["overlap"] += [(test, train) for test, train, apart in near if apart < dataset.window_length]
        for group in np.unique(dataset.groups[rows]):
            own = rows[dataset.groups[rows] == group]
            near = _nearest_training(dataset, own, is_test) if _n_runs(is_test[own]) > 1 else []
            pairs["touch"] += [(test, train) for test, train, apart in near if apart == dataset.window_length]
    for kind, found in pairs.items():
        if found:
            yield Leak(fold.name, kind, len(found), found[0])


def _nearest_training(
    dataset: Dataset, rows: NDArray[np.int64], is_test: NDArray[np.bool_]
) -> list[tuple[int, int, int]]:
    """Return each test window of a stretch, the training window nearest in time, and how far apart they start."""
    test, train = rows[is_test[rows]], rows[~is_test[rows]]
    if not train.size:
        return []
    after = np.searchsorted(dataset.start[train], dataset.start[test])
    candidates = np.stack([train[np.maximum(after - 1, 0)], train[np.minimum(after, train.size - 1)]])
    apart = np.abs(dataset.start[candidates] - dataset.start[test])
    best = apart.argmin(axis=0), np.arange(test.size)
    return list(zip(test.tolist(), candidates[best].tolist(), apart[best].tolist(), strict=True))


def _n_runs(mask: NDArray[np.bool_]) -> int:
    return int(np.sum(np.diff(mask, prepend=False) & mask))


def _duplicates(fold: Fold, digests: NDArray[np.bytes_]) -> list[tuple[int, int]]:
    learnt = {digests[row]: int(row) for row in fold.train}
    return [(int(row), learnt[digests[row]]) for row in fold.test if digests[row] in learnt]

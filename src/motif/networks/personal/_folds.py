"""Which of a person's samples are judged together: whole groups, or neighbours in the order they were recorded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_FOLDS", "fold_of"]

MOST_FOLDS = 5


def fold_of(y: NDArray[np.int64], groups: NDArray[np.generic] | None = None) -> NDArray[np.int64]:
    """Return the number of the fold in which each sample is held out, (n,).

    Each class is dealt to the folds in contiguous runs, so that neighbours in time stay together; there are as many
    folds as samples of the rarest class, those of one sample not counted. With two groups or more, whole groups are
    dealt instead.

    Parameters
    ----------
    y : (n,)
        Class indices, in the order of recording.
    groups : (n,), optional
        Session, take or block of each sample.

    Examples
    --------
    >>> fold_of(np.array([0, 0, 0, 0, 1, 1]))
    array([0, 0, 1, 1, 0, 1])
    """
    if groups is not None and len(names := np.unique(groups)) > 1:
        index = np.searchsorted(names, groups)
        return np.asarray(index % min(MOST_FOLDS, len(names)), np.int64)
    counts = np.unique(y, return_counts=True)[1]
    n_folds = int(counts[counts > 1].min(initial=MOST_FOLDS))
    fold = np.zeros(len(y), np.int64)
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        fold[rows] = np.arange(len(rows)) * n_folds // len(rows)
    return fold

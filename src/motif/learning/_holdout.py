"""Which windows of a training set are kept aside to stop early and to learn the temperature: never random ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["held_out"]

MIN_TO_SPLIT = 4
"""A class with fewer windows than this keeps all of them for training."""


def held_out(y: NDArray[np.int64], groups: NDArray[np.generic] | None, fraction: float) -> NDArray[np.bool_]:
    """Choose about a `fraction` of the windows, so that they tell how the rest will do on new motion.

    Neighbours in time are near copies, so whole groups are held out where that leaves at least two groups and every
    class for training; otherwise the last windows of each class, as they stand. Where a group holds a few classes only,
    such as a recording of one gesture, groups of the other classes are held out too: by one class nobody can tell.

    Parameters
    ----------
    y : (n,)
        Class indices.
    groups : (n,), optional
        Subject, session or block of each window.
    fraction : float, 0…1

    Returns
    -------
    (n,), true for a window that is held out. None is where there are too few.

    Examples
    --------
    >>> held_out(np.array([0, 0, 0, 0, 1, 1, 1, 1]), None, 0.25).astype(int)
    array([0, 0, 0, 1, 0, 0, 0, 1])
    """
    chosen = np.zeros(len(y), bool)
    if fraction <= 0:
        return chosen
    if groups is not None and (whole := _whole_groups(y, groups, fraction)) is not None:
        return whole
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        if len(rows) >= MIN_TO_SPLIT:
            chosen[rows[len(rows) - max(1, round(fraction * len(rows))) :]] = True
    return chosen


def _whole_groups(y: NDArray[np.int64], groups: NDArray[np.generic], fraction: float) -> NDArray[np.bool_] | None:
    """Take groups, those nearest to the wanted size first, until the fraction is reached with all classes there are."""
    _, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    wanted = fraction * len(y)
    chosen = np.zeros(len(y), bool)
    left = len(sizes)
    for group in np.argsort(np.abs(sizes - wanted), kind="stable"):
        own = index == group
        is_asked_for = chosen.sum() < wanted or set(y[own]) - set(y[chosen])
        if left > 2 and is_asked_for and set(y[~(chosen | own)]) == set(y):
            chosen |= own
            left -= 1
    return chosen if chosen.any() else None

"""No cluster of too few points: the smallest is dissolved until all have enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["with_support"]


def with_support(
    scores: NDArray[np.float64], smallest: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """Give each point to its best component, and dissolve components of fewer than `smallest` points, one by one.

    Parameters
    ----------
    scores : (n, components)
        Higher is better; the first of equals wins.
    smallest : float
        Points a component must have; one without any is always dissolved, the last never.

    Returns
    -------
    kept : (clusters,)
        Components that stay, ascending.
    labels : (n,)
        Index into `kept` of each point.
    dissolved : list of int
        How many points each dissolved component that had any had, in the order they went.

    Examples
    --------
    >>> scores = np.array([[0.0, -1.0, -9.0], [0.0, -1.0, -9.0], [-2.0, 0.0, -9.0]])
    >>> kept, labels, dissolved = with_support(scores, 2)
    >>> kept.tolist(), labels.tolist(), dissolved
    ([0], [0, 0, 0], [1])
    """
    kept = np.arange(scores.shape[1])
    dissolved: list[int] = []
    labels = scores.argmax(axis=1)
    while True:
        counts = np.bincount(labels, minlength=len(kept))
        least = int(counts.argmin())
        if len(kept) == 1 or counts[least] >= max(smallest, 1):
            return kept, labels.astype(np.int64), dissolved
        if counts[least]:
            dissolved.append(int(counts[least]))
        kept = np.delete(kept, least)
        labels = scores[:, kept].argmax(axis=1)

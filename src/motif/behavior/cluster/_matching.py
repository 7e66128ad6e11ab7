"""Clusters keep their numbers from fit to fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["by_support", "match_labels"]


def by_support(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each cluster 0 … k − 1 when the largest comes first, the earlier of equals before.

    Examples
    --------
    >>> by_support(np.array([0, 1, 1, 2, 2, 2])).tolist()
    [2, 1, 0]
    """
    order = np.argsort(-np.bincount(labels), kind="stable")
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.arange(len(order))
    return numbers


def match_labels(labels: NDArray[np.int64], prior: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number for each cluster 0 … k − 1 of `labels`: that of the prior label it shares most points with.

    Pairs are chosen together so that as many points as possible keep their number; a cluster that shares none gets a
    number above all prior ones. Negative prior labels stand for nothing.

    References
    ----------
    Kuhn (1955), "The Hungarian method for the assignment problem", Naval Research Logistics 2:83–97.

    Examples
    --------
    >>> match_labels(np.array([0, 0, 1, 1, 2]), np.array([7, 7, 3, 7, -1])).tolist()
    [7, 3, 8]
    """
    from scipy.optimize import linear_sum_assignment

    n_clusters = int(labels.max()) + 1
    known = prior >= 0
    names, index = np.unique(prior[known], return_inverse=True)
    shared = np.zeros((n_clusters, len(names)), np.int64)
    np.add.at(shared, (labels[known], index), 1)
    numbers = np.full(n_clusters, -1, np.int64)
    for cluster, name in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[cluster, name]:
            numbers[cluster] = names[name]
    strangers = np.flatnonzero(numbers < 0)
    numbers[strangers] = (int(names.max()) + 1 if len(names) else 0) + np.arange(len(strangers))
    return numbers

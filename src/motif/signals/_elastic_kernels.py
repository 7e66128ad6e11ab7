"""Warping in compiled loops. Twins: tests/reference/elastic.py."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["envelope", "envelopes", "lower_bound", "nearest_costs", "warped_cost"]

Series = NDArray[np.float32]


@njit(cache=True)
def warped_cost(a: Series, b: Series, reach: int, penalty: float, best: float) -> float:
    """Return the smallest cost of warping a (n, channels) onto b (m, channels), or infinity once it exceeds `best`."""
    n, m, n_channels = a.shape[0], b.shape[0], a.shape[1]
    row = np.full(m + 1, np.inf)
    row[0] = 0.0
    for i in range(n):
        first, last = max(0, i - reach), min(m, i + reach + 1)
        diagonal = row[first]
        left = np.inf
        row[first] = np.inf
        least = np.inf
        for j in range(first, last):
            difference = np.float32(0.0)
            for k in range(n_channels):
                step = a[i, k] - b[j, k]
                difference += step * step
            up = row[j + 1]
            cost = difference + min(diagonal, left + penalty, up + penalty)
            diagonal = up
            row[j + 1] = cost
            left = cost
            least = min(least, cost)
        if least > best:
            return np.inf
    return float(row[m])


@njit(cache=True)
def envelope(series: Series, reach: int) -> tuple[Series, Series]:
    """Return the lowest and the highest value of (n, channels) within `reach` samples of each moment."""
    n, n_channels = series.shape
    low, high = np.empty_like(series), np.empty_like(series)
    for i in range(n):
        for k in range(n_channels):
            least = most = series[i, k]
            for j in range(max(0, i - reach), min(n, i + reach + 1)):
                least = min(least, series[j, k])
                most = max(most, series[j, k])
            low[i, k], high[i, k] = least, most
    return low, high


@njit(cache=True)
def envelopes(batch: Series, reach: int) -> tuple[Series, Series]:
    """Return the envelope of each series of (n, samples, channels)."""
    low, high = np.empty_like(batch), np.empty_like(batch)
    for i in range(len(batch)):
        low[i], high[i] = envelope(batch[i], reach)
    return low, high


@njit(cache=True)
def lower_bound(query: Series, low: Series, high: Series, best: float) -> float:
    """Return a cost that warping `query` onto the series within the envelope cannot undercut."""
    total = 0.0
    for i in range(query.shape[0]):
        for k in range(query.shape[1]):
            value = query[i, k]
            outside = max(np.float32(0.0), max(value - high[i, k], low[i, k] - value))
            total += outside * outside
        if total > best:
            return total
    return total


@njit(cache=True)
def nearest_costs(
    queries: Series,
    templates: Series,
    low: Series,
    high: Series,
    labels: NDArray[np.int64],
    n_labels: int,
    reach: int,
    penalty: float,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the least cost to each label (n, n_labels) and the template that has it; `low`, `high` are envelopes."""
    n, m = len(queries), len(templates)
    costs, indices = np.full((n, n_labels), np.inf), np.zeros((n, n_labels), np.int64)
    bounds = np.empty(m)
    for q in range(n):
        for t in range(m):
            bounds[t] = lower_bound(queries[q], low[t], high[t], np.inf)
        for t in np.argsort(bounds, kind="mergesort"):
            best = costs[q, labels[t]]
            if bounds[t] * (1.0 - 1e-5) > best:
                continue  # the bound adds up in another order than the cost: a hair is left between them
            cost = warped_cost(queries[q], templates[t], reach, penalty, best)
            if cost < best:
                costs[q, labels[t]], indices[q, labels[t]] = cost, t
    return costs, indices

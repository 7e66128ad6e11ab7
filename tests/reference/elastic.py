"""Warping by its definition. Slow, obvious, and the judge."""

from functools import cache
from math import inf

import numpy as np


def warped_cost(a, b, reach, penalty):
    """Sakoe and Chiba (1978) with a penalty for each step off the diagonal (Herrmann and Webb 2023)."""

    @cache
    def d(i, j):
        if i < 0 or j < 0:
            return 0.0 if i == j else inf
        if abs(i - j) > reach:
            return inf
        step = float(((a[i] - b[j]) ** 2).sum())
        return step + min(d(i - 1, j - 1), d(i - 1, j) + penalty, d(i, j - 1) + penalty)

    return d(len(a) - 1, len(b) - 1)


def envelope(series, reach):
    around = [series[max(0, i - reach) : i + reach + 1] for i in range(len(series))]
    return np.array([each.min(axis=0) for each in around]), np.array([each.max(axis=0) for each in around])

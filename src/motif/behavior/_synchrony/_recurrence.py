"""Cross-recurrence: when one stream comes back to where the other was, and for how long it follows.

Every moment of one is compared with every moment of the other that is at most a lag away, row by row: time grows with
length × lags, memory with the length alone. No matrix of all moments is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.behavior._synchrony._states_pair import states_pair
from motif.errors import ConfigError

__all__ = ["Recurrence", "cross_recurrence", "recurrence_radius"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Recurrence:
    """What the lines of a cross-recurrence plot say."""

    profile: Array
    """(lags,), share of the moments at each lag that recur, from -max_lag to max_lag."""
    rate: float
    """Share of all moments looked at that recur."""
    determinism: float
    """Share of the recurring moments that lie on diagonal lines: stretches that both go through at the same pace."""
    mean_line: float
    """Mean length of those lines, in samples; 0 where there are none."""
    longest_line: int
    """The longest diagonal line, in samples."""
    line_entropy: float
    """Of the lengths of diagonal lines, nats: how varied the stretches are."""
    laminarity: float
    """Share of the recurring moments on vertical lines: one waits where the other was."""
    trapping_time: float
    """Mean length of the vertical lines, in samples."""


def cross_recurrence(a: Array, b: Array, *, radius: float, max_lag: int, min_line: int = 3) -> Recurrence:
    """Quantify cross-recurrence within a band of lags.

    Parameters
    ----------
    a, b : (n, dimensions)
        States, scaled alike.
    radius : float
        Euclidean distance up to which two states are one.
    max_lag : int
        In samples; n - 1 looks at the whole plot. At a positive lag `b` comes later.
    min_line : int
        The shortest line that counts.

    Raises
    ------
    ShapeError, NotFiniteError, ConfigError

    References
    ----------
    Marwan et al. (2007), "Recurrence plots for the analysis of complex systems". Twin: tests/reference/synchrony.py.
    """
    a, b = states_pair(a, b)
    if not 0 <= max_lag < len(a):
        raise ConfigError(f"max_lag is {max_lag} of {len(a)} samples; want 0 to {len(a) - 1}")
    points, diagonals, verticals = _lines(a, b, radius**2, max_lag)
    n, lags = len(a), np.abs(np.arange(-max_lag, max_lag + 1))
    on_diagonals, mean_line, entropy = _of_lines(diagonals, min_line)
    on_verticals, trapping, _ = _of_lines(verticals, min_line)
    return Recurrence(
        profile=points / (n - lags),
        rate=float(points.sum() / (n - lags).sum()),
        determinism=on_diagonals,
        mean_line=mean_line,
        longest_line=int(np.flatnonzero(diagonals)[-1]) if diagonals.any() else 0,
        line_entropy=entropy,
        laminarity=on_verticals,
        trapping_time=trapping,
    )


def recurrence_radius(a: Array, b: Array, share: float = 0.05) -> float:
    """Return the distance below which this share of moments far from each other lies: what chance gives.

    Every pair of about 200 moments of each, spread evenly: the same for the same streams.
    """
    rows, columns = (x[:: max(len(x) // 200, 1)] for x in (a, b))
    distances = np.sqrt(((rows[:, None] - columns[None]) ** 2).sum(axis=2))
    return float(np.quantile(distances, share))


def _of_lines(lengths: NDArray[np.int64], min_line: int) -> tuple[float, float, float]:
    """Return the share of points on lines, the mean length and the entropy, from counts of lines by length."""
    samples = np.arange(len(lengths)) * lengths
    long = lengths[min_line:]
    if not long.any():
        return 0.0, 0.0, 0.0
    shares = long[long > 0] / long.sum()
    entropy = float(-(shares * np.log(shares)).sum())
    return float(samples[min_line:].sum() / samples.sum()), float(samples[min_line:].sum() / long.sum()), entropy


@njit(cache=True)
def _lines(
    a: Array, b: Array, squared_radius: float, max_lag: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return points at each lag, and counts of diagonal and of vertical lines by length."""
    n, dimensions = a.shape
    width = 2 * max_lag + 1
    points, running = np.zeros(width, np.int64), np.zeros(width, np.int64)
    diagonals, verticals = np.zeros(n + 1, np.int64), np.zeros(width + 1, np.int64)
    for i in range(n):
        upright = 0
        for k in range(width):
            j = i + k - max_lag
            near = 0 <= j < n
            if near:
                distance = 0.0
                for d in range(dimensions):
                    distance += (a[i, d] - b[j, d]) ** 2
                near = distance <= squared_radius
            if near:
                points[k] += 1
                running[k] += 1
                upright += 1
            else:
                diagonals[running[k]] += 1
                verticals[upright] += 1
                running[k] = upright = 0
        verticals[upright] += 1
    for k in range(width):
        diagonals[running[k]] += 1
    diagonals[0] = verticals[0] = 0
    return points, diagonals, verticals

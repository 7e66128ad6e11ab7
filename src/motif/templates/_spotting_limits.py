"""How strange a movement may be and still count as a gesture: learnt from samples, and from ordinary movement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

__all__ = ["limit_with_background", "taught_limit"]

_LEAST_SPREAD = 0.3  # no person repeats a gesture more evenly than a third up or down
_ANOTHER_DAY = 0.3  # as much as that again


def taught_limit(strangeness: NDArray[np.float64], keep: float, *, another_day: bool) -> float:
    """Return what a next sample stays below with a probability of `keep`; infinity where nothing is known.

    From enough samples it is their conformal quantile. Fewer than that cannot say without a model: then strangeness
    counts as normal, and the limit is that of its prediction interval, which is wide for two or three. With
    `another_day` room is left for what samples of one session cannot tell: that the next one will differ.

    References
    ----------
    Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World. Hahn and Meeker (1991), Statistical
    Intervals, 4.8.
    """
    known = np.sort(strangeness[np.isfinite(strangeness)])
    n = len(known)
    if n == 0:
        return np.inf
    shift = _ANOTHER_DAY if another_day else 0.0
    rank = int(np.ceil((n + 1) * keep))
    if rank <= n:
        return float(known[rank - 1]) + shift
    spread = max(float(known.std(ddof=1)) if n > 1 else 0.0, _LEAST_SPREAD)
    return shift + float(known.mean() + student.ppf(keep, max(n - 1, 1)) * np.sqrt(1 + 1 / n) * spread)


def limit_with_background(limit: float, least: float, strangeness: NDArray[np.float64], allowed: float) -> float:
    """Return a limit from `least` to `limit` that lets at most `allowed` of the background's movements pass, if one
    does.
    """
    known = np.sort(strangeness)
    n_allowed = int(allowed)
    if n_allowed >= len(known):
        return limit
    return min(limit, max(least, float(np.nextafter(known[n_allowed], -np.inf))))

"""Families of distributions over 1, 2, … `longest` frames, and their fit to expected counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

__all__ = [
    "TableFamily",
    "duration_tables",
    "durations_marginal",
    "fit_durations",
    "grid",
    "log_prior",
    "survival",
]

TableFamily = Literal["negative_binomial", "poisson", "gamma", "lognormal", "free"]

Array = NDArray[np.float64]

_SMALLEST = 1e-12
"""What a duration that was never seen keeps, so that new data can still use it."""
_PRIOR_SEGMENTS = 1.0
"""How many segments, spread over all durations, a free table is given beside those it sees."""

_STEP = 0.05
"""In the logarithm of a mean or a shape, to see how the likelihood curves there."""


def duration_tables(family: TableFamily, parameters: Array, shortest: int, longest: int) -> Array:
    """Return the probability of lasting 1, 2, … `longest` frames, (states, longest), rows summing to 1.

    Parameters
    ----------
    parameters : (states, 2), or (states, longest) where the family is free
        Mean in frames and shape: NB's `r`, gamma's `k`, the log-normal's σ; Poisson ignores it.
    """
    frames = np.arange(1, longest + 1, dtype=np.float64)
    tables = np.stack([_TABLES[family](row, frames) for row in parameters]) + _SMALLEST
    tables[:, : shortest - 1] = 0.0
    normalized: Array = tables / tables.sum(axis=1, keepdims=True)
    return normalized


def survival(tables: Array) -> Array:
    """Return the probability of lasting 1, 2, … frames or longer, (states, longest)."""
    return np.ascontiguousarray(np.cumsum(tables[:, ::-1], axis=1)[:, ::-1])


def fit_durations(family: TableFamily, counts: Array, parameters: Array, shortest: int = 1) -> Array:
    """Return parameters that make expected counts (states, longest) of durations more probable than `parameters` do.

    A state with less than one expected segment, or whose parameters cannot be bettered, keeps them.
    """
    fitted, longest = parameters.copy(), counts.shape[1]
    for k, row in enumerate(counts + _PRIOR_SEGMENTS / longest if family == "free" else counts):
        if row.sum() >= 1.0:
            both = np.stack([parameters[k], _FITS[family](row)])
            tables = duration_tables(family, both, shortest, longest)
            before, after = np.log(tables[:, shortest - 1 :]) @ row[shortest - 1 :]
            fitted[k] = both[1] if after > before else both[0]
    return fitted


def grid(family: TableFamily, shortest: int, longest: int) -> Array:
    """Return (choices, 2), means and shapes that cover what can last `shortest` to `longest` frames."""
    means = np.geomspace(max(shortest, 1.5), max(0.8 * longest, 2.0), 40)
    low, high = (0.05, 1.5) if family == "lognormal" else (0.5, 100.0)
    shapes = np.ones(1) if family == "poisson" else np.geomspace(low, high, 16)
    return np.stack(np.meshgrid(means, shapes), axis=-1).reshape(-1, 2)


def log_prior(family: TableFamily, tables: Array) -> float:
    """Return what the prior says of tables (states, longest): a free one leans towards flat."""
    if family != "free":
        return 0.0
    possible = tables > 0.0
    return float(_PRIOR_SEGMENTS / tables.shape[1] * np.log(tables[possible]).sum())


def durations_marginal(family: TableFamily, counts: Array, parameters: Array, shortest: int) -> float:
    """Return the log probability of counts (states, longest) of durations, whatever the parameters.

    A free table has a flat Dirichlet prior. Means and shapes, which say nothing of each other, are as probable on each
    scale within what `grid` covers; around its peak the posterior of each is taken as normal (Laplace), and no wider
    than the prior.

    Parameters
    ----------
    parameters
        Where the peak is looked for.
    """
    longest, seen = counts.shape[1], np.maximum(counts, 0.0)[:, shortest - 1 :]
    if family == "free":
        n, size = seen.sum(axis=1), seen.shape[1]
        return float(special.gammaln(seen + 1.0).sum() - (special.gammaln(n + size) - special.gammaln(size)).sum())

    def probable(at: Array) -> Array:
        tables = duration_tables(family, at, shortest, longest)[:, shortest - 1 :]
        return np.asarray((seen * np.log(tables)).sum(axis=1))

    choices = grid(family, shortest, longest)
    peak = np.clip(fit_durations(family, counts, parameters, shortest), choices.min(axis=0), choices.max(axis=0))
    here = probable(peak)
    total = here.sum()
    scales = np.log(choices.max(axis=0) / choices.min(axis=0))
    for column in np.flatnonzero(scales):
        step = np.where(np.arange(2) == column, np.exp(_STEP), 1.0)
        curvature = (2.0 * here - probable(peak / step) - probable(peak * step)) / _STEP**2
        width = np.sqrt(2.0 * np.pi / np.maximum(curvature, 1e-12))
        total += np.log(np.minimum(width / scales[column], 1.0)).sum()
    return float(total)


def _negative_binomial(parameters: Array, frames: Array) -> Array:
    mean, shape, extra = max(parameters[0] - 1.0, 1e-6), parameters[1], frames - 1.0
    log_ways = special.gammaln(extra + shape) - special.gammaln(extra + 1.0) - special.gammaln(shape)
    log_odds = shape * np.log(shape / (shape + mean)) + extra * np.log(mean / (shape + mean))
    return np.asarray(np.exp(log_ways + log_odds))


def _poisson(parameters: Array, frames: Array) -> Array:
    mean, extra = max(parameters[0] - 1.0, 1e-6), frames - 1.0
    return np.asarray(np.exp(extra * np.log(mean) - mean - special.gammaln(extra + 1.0)))


def _gamma(parameters: Array, frames: Array) -> Array:
    mean, shape = parameters
    edges = np.concatenate(([0.0], frames + 0.5))
    return np.diff(special.gammainc(shape, edges * shape / mean))


def _lognormal(parameters: Array, frames: Array) -> Array:
    mean, sigma = parameters
    edges = np.log(frames + 0.5)
    below = special.ndtr((edges - (np.log(mean) - sigma**2 / 2.0)) / sigma)
    return np.diff(below, prepend=0.0)


def _free(parameters: Array, frames: Array) -> Array:
    return parameters[: frames.size]


def _mean(counts: Array) -> float:
    return float(counts @ np.arange(1, counts.size + 1) / counts.sum())


def _fit_shape(table: Callable[[Array, Array], Array], low: float, high: float) -> Callable[[Array], Array]:
    """Fit of the mean in closed form, of the shape by a bounded search of the likelihood."""

    def fit(counts: Array) -> Array:
        frames = np.arange(1.0, counts.size + 1.0)
        mean = max(_mean(counts), 1.0 + 1e-6)

        def loss(log_shape: float) -> float:
            return -float(counts @ np.log(table(np.array([mean, np.exp(log_shape)]), frames) + _SMALLEST))

        best = optimize.minimize_scalar(
            loss, bounds=(np.log(low), np.log(high)), method="bounded", options={"xatol": 1e-3}
        )
        return np.array([mean, np.exp(best.x)])

    return fit


def _fit_poisson(counts: Array) -> Array:
    return np.array([_mean(counts), 1.0])


def _fit_free(counts: Array) -> Array:
    shares: Array = counts / counts.sum()
    return shares


_TABLES: dict[str, Callable[[Array, Array], Array]] = {
    "negative_binomial": _negative_binomial,
    "poisson": _poisson,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "free": _free,
}
_FITS: dict[str, Callable[[Array], Array]] = {
    "negative_binomial": _fit_shape(_negative_binomial, 0.05, 500.0),
    "poisson": _fit_poisson,
    "gamma": _fit_shape(_gamma, 0.05, 500.0),
    "lognormal": _fit_shape(_lognormal, 0.02, 3.0),
    "free": _fit_free,
}

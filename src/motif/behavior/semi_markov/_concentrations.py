"""Tables of a Chinese restaurant franchise, and the concentrations that made so many of them.

References
----------
Teh, Jordan, Beal & Blei (2006), "Hierarchical Dirichlet processes", appendix. Escobar & West (1995), "Bayesian density
estimation and inference using mixtures".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["dirichlet", "drawn_concentration", "drawn_tables", "prior_concentrations"]

Array = NDArray[np.float64]

_SHAPE, _RATE = 1.0, 0.2
"""Gamma prior of every concentration."""
_EXACT = 10_000
"""Customers whose choice of a table is drawn one by one."""


def prior_concentrations(n: int, rng: np.random.Generator) -> Array:
    """Return n concentrations drawn from their prior."""
    return np.asarray(rng.gamma(_SHAPE, 1.0 / _RATE, n))


def dirichlet(weights: NDArray[np.floating], rng: np.random.Generator) -> Array:
    """Return shares drawn around weights, of which some may be very small."""
    # Gamma(a) = Gamma(a + 1) U^(1/a): in logarithms a share may be far below what a float can hold.
    logs = np.log(rng.standard_gamma(weights + 1.0)) + np.log(rng.random(weights.shape)) / np.maximum(weights, 1e-12)
    shares = np.exp(logs - logs.max())
    return np.asarray(shares / shares.sum(), np.float64)


def drawn_tables(counts: Array, weights: Array, rng: np.random.Generator) -> Array:
    """Return at how many tables the customers of each cell sit.

    Parameters
    ----------
    counts : (restaurants, dishes)
    weights : (dishes,)
        Concentration times base: customer i + 1 of a dish opens a table with probability weight / (weight + i).
    """
    tables = np.zeros(counts.shape)
    for row, column in np.argwhere(counts > 0):
        weight = max(float(weights[column]), 1e-300)
        before = np.arange(int(min(counts[row, column], _EXACT)))
        tables[row, column] = (rng.random(before.size) * (weight + before) < weight).sum()
        if counts[row, column] > _EXACT:  # later ones seldom open a table: their number is as good as Poisson
            late = weight * (special.digamma(weight + counts[row, column]) - special.digamma(weight + _EXACT))
            tables[row, column] += rng.poisson(late)
    return tables


def drawn_concentration(present: float, customers: Array, n_tables: float, rng: np.random.Generator) -> float:
    """Return the concentration of restaurants with so many customers each, and tables together, drawn anew."""
    customers = customers[customers > 0]
    own, theirs = rng.standard_gamma(present + 1.0, customers.size), rng.standard_gamma(customers)
    log_shares = np.log(own) - np.log(own + theirs)  # of a beta, which would round to 0
    others = rng.random(customers.size) * (customers + present) < customers
    shape = max(_SHAPE + n_tables - others.sum(), 1e-6)
    return float(max(rng.gamma(shape, 1.0 / (_RATE - log_shares.sum())), 1e-6))

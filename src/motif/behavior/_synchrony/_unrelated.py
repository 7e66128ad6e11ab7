"""What the measures give where there is no relation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motif.behavior._synchrony._statistics import Statistics
from motif.behavior._synchrony._surrogates import independent_turns, memory, random_phases
from motif.errors import ConfigError

__all__ = ["unrelated"]

Array = NDArray[np.float64]

OF_STATES = ("recurrence", "determinism", "warped_similarity")
MOST_TURNS = 24


def unrelated(
    statistics: Statistics, b: Array, surrogates: str, n_surrogates: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Return values of each measure, drawn together, `n_surrogates` or as many as there are turns; see `synchrony`.

    Raises
    ------
    ConfigError
        There are no such surrogates.
    """
    nearest = statistics.window + statistics.max_lag
    if surrogates == "shifted":
        apart = max(2 * statistics.max_lag + 1, statistics.window // 2, memory(statistics.a), memory(b))
        return statistics.of(b, independent_turns(len(b), nearest=nearest, apart=apart, most=n_surrogates, rng=rng))
    if surrogates != "phases":
        raise ConfigError(f"surrogates is {surrogates!r}; want 'auto', 'phases' or 'shifted'")
    alone = np.zeros(1, np.int64)  # turns of one draw would be cheap, and too alike: few draws make p values too small
    draws = [statistics.of(random_phases(b, rng), alone) for _ in range(n_surrogates)]
    values = {name: np.concatenate([draw[name] for draw in draws]) for name in draws[0]}
    turns = np.arange(nearest, len(b) - nearest + 1, 2 * statistics.max_lag)
    return values | _recentred(values, statistics, b, turns[:: math.ceil(len(turns) / MOST_TURNS) or 1])


def _recentred(
    values: dict[str, Array], statistics: Statistics, b: Array, turns: NDArray[np.int64]
) -> dict[str, Array]:
    """Return the values of the measures of states, moved to what `b` itself gives when it is turned far.

    Bodies of one kind keep to the same states: gravity goes over from one axis to another, and arms end somewhere.
    Random phases leave them, so that any two bodies would be closer to each other than one to a surrogate. How far off
    that is, a few turns tell; the spread grows by what so few leave open.
    """
    names = tuple(name for name in statistics.measures if name in OF_STATES)
    if not names or not len(turns):
        return {}
    turned = replace(statistics, measures=names).of(b, turns)
    wider = math.sqrt(1.0 + 1.0 / len(turns))
    return {name: turned[name].mean() + wider * (values[name] - values[name].mean()) for name in names}

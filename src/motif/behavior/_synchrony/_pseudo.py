"""Real pairs against pseudo pairs: one of each of two pairs, who never met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior._synchrony._chance import Measure, against_chance
from motif.behavior._synchrony._checks import checked_band, checked_measures, checked_pair, checked_samples
from motif.behavior._synchrony._statistics import MEASURES, Statistics
from motif.errors import ConfigError, TooFewSamplesError

__all__ = ["PairEffect", "pseudo_pairs"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PairEffect:
    """One measure of real pairs above pseudo pairs."""

    measure: Measure
    """Mean difference, against the same differences with signs drawn anew."""
    effect_size: float
    """Mean difference over its deviation between pairs (Cohen's d, paired)."""
    differences: Array
    """(pairs,), each real pair less the mean of its pseudo pairs."""


def pseudo_pairs(
    pairs: Sequence[tuple[ArrayLike, ArrayLike]],
    rate_hz: float,
    *,
    groups: Sequence[object] | None = None,
    window_s: float = 30.0,
    max_lag_s: float = 2.5,
    band_hz: tuple[float, float] | None = None,
    measures: str | Sequence[str] = MEASURES,
    n_pseudo: int = 5,
    n_permutations: int = 999,
    random_state: int | None = 0,
) -> dict[str, PairEffect]:
    """Compare each pair with pseudo pairs made of its first and the second of others.

    What people do alike because the situation is alike is in pseudo pairs too; what they do because of each other is
    not.

    Parameters
    ----------
    pairs : sequence of (a, b)
        Each (n,) or (n, channels), as for `synchrony`; pairs of different length are cut to the shorter.
    rate_hz : float
    groups : optional
        Pseudo pairs are made within a group, such as a condition; by default all are one.
    window_s, max_lag_s, band_hz, measures
        As for `synchrony`.
    n_pseudo : int
        Pseudo pairs for each real one, drawn at random, or as many as there are.
    n_permutations : int
        Random signs of the differences, which give the p values; corrected for how many measures there are.
    random_state : int, optional

    Raises
    ------
    TooFewSamplesError
        Fewer than four pairs, or a pair that is alone in its group.
    ShapeError, DtypeError, NotFiniteError, InputError, ConfigError
    """
    if n_pseudo < 1 or n_permutations < 99:
        raise ConfigError(f"n_pseudo={n_pseudo}, n_permutations={n_permutations}; want 1 and 99 or more")
    wanted = checked_measures(measures)
    labels = [0] * len(pairs) if groups is None else list(groups)
    if len(pairs) < 4 or len(labels) != len(pairs):
        raise TooFewSamplesError(f"{len(pairs)} pairs, {len(labels)} groups; want four pairs or more, a group for each")
    rng = np.random.default_rng(random_state)
    values = partial(_values, rate_hz=rate_hz, window_s=window_s, max_lag_s=max_lag_s, band_hz=band_hz, measures=wanted)
    rows = []
    for i, (a, b) in enumerate(pairs):
        others = [j for j in range(len(pairs)) if j != i and labels[j] == labels[i]]
        if not others:
            raise TooFewSamplesError(f"pair {i} is alone in its group {labels[i]!r}; there is nobody to swap with")
        drawn = rng.choice(others, min(n_pseudo, len(others)), replace=False)
        real = values(a, b)
        pseudo = [values(a, pairs[j][1]) for j in drawn]
        rows.append([real[name] - np.mean([one[name] for one in pseudo]) for name in wanted])
    differences = np.array(rows)  # (pairs, measures)
    signs = rng.choice([-1.0, 1.0], (n_permutations, len(pairs)))
    drawn_means = signs @ differences / len(pairs)
    found = against_chance(
        dict(zip(wanted, map(float, differences.mean(axis=0)), strict=True)),
        dict(zip(wanted, drawn_means.T, strict=True)),
    )
    spread = np.maximum(differences.std(axis=0, ddof=1), 1e-12)
    return {
        m.name: PairEffect(m, float(differences[:, k].mean() / spread[k]), differences[:, k])
        for k, m in enumerate(found)
    }


def _values(
    a: ArrayLike,
    b: ArrayLike,
    *,
    rate_hz: float,
    window_s: float,
    max_lag_s: float,
    band_hz: tuple[float, float] | None,
    measures: tuple[str, ...],
) -> dict[str, float]:
    n = min(len(np.asarray(a)), len(np.asarray(b)))
    first, second = checked_pair(np.asarray(a)[:n], np.asarray(b)[:n])
    window, max_lag = checked_samples(rate_hz, window_s, max_lag_s, n)
    band = checked_band(band_hz, rate_hz, window_s)
    found = Statistics(first, window, max_lag, band, rate_hz, measures).of(second, np.zeros(1, np.int64))
    return {name: float(value[0]) for name, value in found.items()}

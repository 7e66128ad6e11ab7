"""Measures against what chance gives: p values that stay honest however many measures there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.errors import InputError

__all__ = ["Measure", "against_chance", "any_beyond_chance"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to say how much, and what chance says."""

    name: str
    value: float
    chance: float
    """What streams give that have no relation: the mean over the surrogates."""
    effect: float
    """How many standard deviations of the surrogates the value is above chance."""
    p_value: float
    """Share of surrogates that reach the value, itself counted."""
    p_corrected: float
    """For having looked at all measures: how often chance would make the strongest of them as strong."""


def against_chance(observed: Mapping[str, float], chance: Mapping[str, Array]) -> tuple[Measure, ...]:
    """Return a measure for each name.

    Parameters
    ----------
    observed : mapping
        The value of each measure; more is stronger.
    chance : mapping
        (n,) values of each measure under chance, drawn together: the i-th of all measures are of one surrogate.

    Raises
    ------
    InputError
        A value is NaN or infinite.

    References
    ----------
    Westfall & Young (1993), "Resampling-based multiple testing", algorithm 4.1: step-down by the largest statistic,
    which keeps the family-wise error at its level whatever the measures have in common.
    """
    values = np.array([np.append(observed[name], chance[name]) for name in observed])  # (measures, 1 + n)
    for name, row in zip(observed, values, strict=True):
        if not np.isfinite(row).all():
            raise InputError(
                f"{name} is {row[0]:g}, and {row[1:].min():g} to {row[1:].max():g} by chance; want finite numbers: "
                "leave it out of the measures, or cut the streams to where both move"
            )
    scale = np.maximum(values.std(axis=1, keepdims=True), 1e-12)
    z = (values - values.mean(axis=1, keepdims=True)) / scale
    corrected = _step_down(z)
    return tuple(
        Measure(
            name,
            value=float(row[0]),
            chance=float(row[1:].mean()),
            effect=float((row[0] - row[1:].mean()) / max(row[1:].std(), 1e-12)),
            p_value=float((row >= row[0]).mean()),
            p_corrected=float(corrected[i]),
        )
        for i, (name, row) in enumerate(zip(observed, values, strict=True))
    )


def any_beyond_chance(measures: Sequence[Measure]) -> bool:
    """Return whether any measure is beyond chance at 5 %, corrected for how many there are."""
    return min(measure.p_corrected for measure in measures) <= 0.05


def _step_down(z: Array) -> Array:
    """Return corrected p values of the first column of (measures, 1 + n)."""
    order = np.argsort(-z[:, 0])
    strongest = np.maximum.accumulate(z[order[::-1]], axis=0)[::-1]  # of each measure and all weaker ones
    p = np.maximum.accumulate((strongest >= z[order, :1]).mean(axis=1))
    corrected = np.empty(len(z))
    corrected[order] = p
    return corrected

"""Timestamps as phones give them: jittered, repeated, in bursts, with gaps, at not quite the rate asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, NonNegativeFloat, PositiveInt
from pydantic.dataclasses import dataclass

from motif.recordings.simulator._checks import Probability

__all__ = ["EXACT_CLOCK", "PHONE_CLOCK", "START_NS", "ClockModel", "stamp"]

START_NS = 1_760_000_000_000_000_000
"""When simulated recordings begin: 9 October 2025."""


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", use_attribute_docstrings=True))
class ClockModel:
    """How timestamps differ from an even grid. The default is even."""

    rate_error_std: NonNegativeFloat = 0.0
    """Spread of the true rate around the one asked for, as a fraction."""
    jitter_s: NonNegativeFloat = 0.0
    """Standard deviation of a stamp around its time."""
    repeat_probability: Probability = 0.0
    """How often a sample carries the stamp of the one before."""
    burst_probability: Probability = 0.0
    """How often a burst begins: samples that were held back and are stamped together."""
    burst_samples: PositiveInt = 6
    """Samples in a burst."""
    gap_probability: Probability = 0.0
    """How often a gap begins."""
    gap_samples: PositiveInt = 10
    """Samples that a gap loses."""


EXACT_CLOCK = ClockModel()
"""An even grid."""
PHONE_CLOCK = ClockModel(
    rate_error_std=0.01,
    jitter_s=0.0008,
    repeat_probability=0.05,
    burst_probability=0.003,
    gap_probability=0.0005,
)
"""An irregular phone: in the recordings of Matey-Sanz et al. (2023), Data in Brief 51, 8 % of steps do not increase."""


def stamp(
    n_samples: int, rate_hz: float, clock: ClockModel, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the stamps of the samples that arrive, and which samples those are.

    Parameters
    ----------
    n_samples : int
        Samples taken, evenly at the device's true rate.
    rate_hz : float
        That true rate.
    clock : ClockModel
        Its `rate_error_std` is not used here: the true rate is given.
    rng : numpy.random.Generator
        Draws the irregularities.

    Returns
    -------
    time_ns : (n_arrived,), ns since the first sample
        May repeat or run backward.
    index : (n_arrived,)
        Into the samples taken, ascending.
    """
    time_s = np.arange(n_samples) / rate_hz + clock.jitter_s * rng.standard_normal(n_samples)
    for first in np.flatnonzero(rng.random(n_samples) < clock.burst_probability):
        last = min(int(first) + clock.burst_samples, n_samples) - 1
        time_s[first : last + 1] = time_s[last] + 1e-5 * np.arange(last + 1 - first)
    repeated = np.flatnonzero(rng.random(n_samples - 1) < clock.repeat_probability) + 1
    time_s[repeated] = time_s[repeated - 1]
    arrived = np.ones(n_samples, dtype=np.bool_)
    for first in np.flatnonzero(rng.random(n_samples) < clock.gap_probability):
        arrived[first : first + clock.gap_samples] = False
    index = np.flatnonzero(arrived).astype(np.int64)
    return np.rint(time_s[index] * 1e9).astype(np.int64), index

"""From settings in seconds and names to a model in frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._categorical import CategoricalEmission
from motif.behavior.semi_markov._durations import DurationFamily, Durations, checked_family
from motif.behavior.semi_markov._emission import Emission
from motif.behavior.semi_markov._gaussian import GaussianEmission
from motif.behavior.semi_markov._stage_durations import StageDurations
from motif.behavior.semi_markov._table_durations import TableDurations
from motif.checks import require_count, require_positive
from motif.errors import ConfigError

__all__ = ["EmissionFamily", "Frames", "durations_of", "emission_of", "frames_of", "longer_durations"]

EmissionFamily = Literal["gaussian", "autoregressive", "categorical"]

Array = NDArray[np.float64]

_MOST_STAGES = 8
_LONGEST = 1_000_000
"""Frames; a table of so many durations has 8 MB a state."""
_LONGER = 8
"""Times the longest."""


class Frames(NamedTuple):
    """How many frames a segment lasts."""

    shortest: int
    typical: int
    longest: int


def frames_of(rate_hz: float, shortest_s: float | None, typical_s: float | None, longest_s: float | None) -> Frames:
    """Return durations in frames: 1, 30 (or the nearest that the others allow) and 7 × typical where they are not said.

    Raises
    ------
    ConfigError
    """
    require_positive("rate_hz", rate_hz)
    for name, seconds in (("shortest_s", shortest_s), ("typical_s", typical_s), ("longest_s", longest_s)):
        if seconds is not None:
            require_positive(name, seconds)
    shortest = 1 if shortest_s is None else round(shortest_s * rate_hz)
    usual = max(30, shortest) if longest_s is None else min(max(30, shortest), round(longest_s * rate_hz))
    typical = usual if typical_s is None else round(typical_s * rate_hz)
    longest = 7 * typical if longest_s is None else round(longest_s * rate_hz)
    if not 1 <= shortest <= typical <= longest <= _LONGEST:
        raise ConfigError(
            f"durations are {shortest}, {typical} and {longest} frames; want shortest ≤ typical ≤ longest, "
            f"all a frame or more and at most {_LONGEST}: set shortest_s, typical_s, longest_s and rate_hz"
        )
    return Frames(shortest, typical, longest)


def durations_of(family: DurationFamily, frames: Frames, n_states: int) -> Durations:
    """Return durations that are the same for all states.

    Raises
    ------
    ConfigError
    """
    family = checked_family(family)
    if family != "stages" and family != "geometric":
        return TableDurations.of(family, n_states, **frames._asdict())
    if frames.shortest > 1:
        raise ConfigError(
            f"durations {family!r} cannot be told a shortest of {frames.shortest} frames; choose negative_binomial"
        )
    most_stages = 1 if family == "geometric" else _MOST_STAGES
    return StageDurations.of(n_states, typical=frames.typical, longest=frames.longest, most_stages=most_stages)


def longer_durations(family: DurationFamily, frames: Frames, n_states: int, seen: int) -> Durations:
    """Return durations for segments that last longer than `frames` say, in sequences of at most `seen` frames.

    A negative binomial does without a longest.
    """
    if family == "negative_binomial" and frames.shortest == 1:
        family = "stages"
    longest = max(min(_LONGER * frames.longest, seen, _LONGEST), frames.longest)
    return durations_of(family, frames._replace(longest=longest), n_states)


def emission_of(
    family: EmissionFamily,
    sequences: list[Array],
    n_looks: int,
    *,
    covariance: str,
    order: int,
    levels: Sequence[int] | None,
) -> Emission:
    """Return looks that all are as the frames are on average.

    Raises
    ------
    ConfigError
    InputError
        Frames that cannot be of this family.
    """
    if family not in get_args(EmissionFamily):
        raise ConfigError(f"emissions {family!r} are unknown; choose one of {', '.join(get_args(EmissionFamily))}")
    if family == "categorical":
        return CategoricalEmission.of(sequences, n_looks, levels=None if levels is None else tuple(levels))
    if covariance not in ("full", "diag"):
        raise ConfigError(f"covariance {covariance!r} is unknown; choose full or diag")
    require_count("order", order)
    order = order if family == "autoregressive" else 0
    return GaussianEmission.of(sequences, n_looks, diagonal=covariance == "diag", order=order)

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
from motif.errors import ConfigError

__all__ = ["EmissionFamily", "Frames", "durations_of", "emission_of", "frames_of"]

EmissionFamily = Literal["gaussian", "autoregressive", "categorical"]

Array = NDArray[np.float64]

_MOST_STAGES = 8


class Frames(NamedTuple):
    """How many frames a segment lasts."""

    shortest: int
    typical: int
    longest: int


def frames_of(rate_hz: float, shortest_s: float | None, typical_s: float | None, longest_s: float | None) -> Frames:
    """Return durations in frames: 1, 30 and 7 × typical where they are not said.

    Raises
    ------
    ConfigError
    """
    typical = 30 if typical_s is None else round(typical_s * rate_hz)
    shortest = 1 if shortest_s is None else round(shortest_s * rate_hz)
    longest = 7 * typical if longest_s is None else round(longest_s * rate_hz)
    if not 1 <= shortest <= typical <= longest:
        raise ConfigError(
            f"durations are {shortest}, {typical} and {longest} frames; want shortest ≤ typical ≤ longest, "
            "all a frame or more: set shortest_s, typical_s, longest_s and rate_hz"
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
    if order < 1:
        raise ConfigError(f"order is {order}; an autoregression wants 1 frame of the past or more")
    order = order if family == "autoregressive" else 0
    return GaussianEmission.of(sequences, n_looks, diagonal=covariance == "diag", order=order)

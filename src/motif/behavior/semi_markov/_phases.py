"""Durations as a line of phases: with them every semi-Markov model is a Markov chain of few kinds of moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._durations import Durations
from motif.behavior.semi_markov._stage_durations import StageDurations
from motif.behavior.semi_markov._table_durations import TableDurations

__all__ = ["Phases", "phases_of"]

Array = NDArray[np.float64]


class Phases(NamedTuple):
    """A segment enters at some phase, stays or moves on with each frame, and leaves from phase 0, the last."""

    first: Array
    """(states, phases), where the first segment is at the first frame."""
    enter: Array
    """(states, phases), where a segment begins."""
    stay: Array
    """(states, phases), the probability of being there at the next frame as well."""
    move: Array
    """(states, phases), the probability of coming there from the phase above."""
    leave: Array
    """(states,), the probability that a segment in its last phase is over."""


def phases_of(durations: Durations) -> Phases:
    """Return durations as phases; they say of any frames what the durations say."""
    if isinstance(durations, TableDurations):  # a phase is how many frames are left
        never, always = np.zeros_like(durations.tables), np.ones_like(durations.tables)
        return Phases(durations.first_tables, durations.tables, never, always, np.ones(durations.n_states))
    if not isinstance(durations, StageDurations):
        raise TypeError(f"{type(durations).__name__} cannot be written as phases")
    numbers = np.arange(durations.stages.max())
    there = numbers < durations.stages[:, None]
    return Phases(
        first=there / durations.stages[:, None],
        enter=np.where(numbers == durations.stages[:, None] - 1, 1.0, 0.0),
        stay=there * durations.stay[:, None],
        move=there * (1.0 - durations.stay[:, None]),
        leave=1.0 - durations.stay,
    )

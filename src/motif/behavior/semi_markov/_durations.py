"""How long segments last: the one interface that every family of durations keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol, Self, get_args

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._messages import Expectation
from motif.errors import ConfigError
from motif.smoothing._segments import segment_starts

__all__ = ["CUT_SHORT", "DurationFamily", "Durations", "Segments", "checked_family", "segments_of", "share_near"]

DurationFamily = Literal["negative_binomial", "poisson", "gamma", "lognormal", "free", "stages", "geometric"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

CUT_SHORT = 0.05
"""Of the time: where more is in segments that last nearly the longest, these might have lasted on."""
_NEARLY = 0.75
"""Of the longest duration: where it cuts segments short, two states take turns that are not all cut at the end."""


class Segments(NamedTuple):
    """All segments of some paths, one after the other."""

    states: Labels
    lengths: Labels
    """In frames."""
    is_first: NDArray[np.bool_]
    """May have begun before its recording did."""
    is_last: NDArray[np.bool_]
    """May go on after its recording."""

    def followed(self, n_states: int) -> NDArray[np.float64]:
        """Return (n_states, n_states), how often one state follows another."""
        counts = np.zeros((n_states, n_states))
        after = np.flatnonzero(~self.is_first)
        np.add.at(counts, (self.states[after - 1], self.states[after]), 1.0)
        return counts


def segments_of(paths: Sequence[Labels]) -> Segments:
    """Return the segments of paths (time,)."""
    parts: list[tuple[NDArray[Any], ...]] = [(np.empty(0, np.int64),) * 2 + (np.empty(0, bool),) * 2]
    for path in paths:
        starts = segment_starts(path)
        number = np.arange(len(starts) - 1)
        parts.append((path[starts[:-1]], np.diff(starts), number == 0, number == number.size - 1))
    return Segments(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def share_near(lengths: NDArray[Any], longest: float) -> float:
    """Return the share of the time in segments that last nearly the longest, 0 without any; both in one unit."""
    return float(lengths[lengths > _NEARLY * longest].sum() / max(lengths.sum(), 1e-9))


class Durations(Protocol):
    """Distributions of durations, one a state, and exact inference under them."""

    @property
    def n_states(self) -> int:
        """How many distributions there are."""

    @property
    def tables(self) -> Array:
        """(states, longest), the probability of lasting 1, 2, … frames."""

    @property
    def log_prior(self) -> float:
        """What the prior says of the parameters, up to a constant."""

    def taken(self, states: Labels) -> Self:
        """Return these states' durations, in this order."""

    def learnt(self, segments: Segments) -> Self:
        """Return durations under which whole segments are most probable."""

    def fitted(self, expected: Expectation) -> Self:
        """Return durations that make what `posterior` expects more probable."""

    def marginal(self, segments: Segments) -> float:
        """Return how probable these segments' lengths are, those at the ends left out, whatever the parameters."""

    def drawn(self, segments: Segments, rng: np.random.Generator) -> Self:
        """Return durations drawn from what is known of them after these segments; none: from the prior."""

    def log_probability(self, segments: Segments) -> float:
        """Return how probable these segments' lengths are, those cut off by the ends included."""

    def lasts(self, state: int, rng: np.random.Generator, *, is_first: bool) -> int:
        """Return how many frames a segment lasts; `is_first`: how many are left of it."""

    def posterior(
        self, emission: Array, transition: Array, initial: Array, *, counting: bool
    ) -> tuple[float, Array, Expectation]:
        """Return the log likelihood, state probabilities (time, states) and, if `counting`, what is expected."""

    def path(self, emission: Array, transition: Array, initial: Array, rng: np.random.Generator) -> Labels:
        """Return a path (time,) drawn from all paths as probable as they are."""

    def decoded(self, log_density: Array, transition: Array, initial: Array) -> Labels:
        """Return the most probable path, (time,)."""

    def settings(self) -> dict[str, Any]:
        """Return what is no array, to be saved as JSON."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays to be saved."""


def checked_family(family: str) -> DurationFamily:
    """Return the family, or say which there are.

    Raises
    ------
    ConfigError
    """
    if family not in get_args(DurationFamily):
        raise ConfigError(f"durations {family!r} are unknown; choose one of {', '.join(get_args(DurationFamily))}")
    return family  # type: ignore[return-value]

"""Expectation and maximization: the penalised likelihood climbs at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._messages import Expectation
from motif.behavior.semi_markov._parameters import PRIOR_TRANSITIONS, Parameters, what_follows

__all__ = ["Climbed", "Mapped", "Statistics", "climb", "expect", "maximize", "said"]

Array = NDArray[np.float64]


class Statistics(NamedTuple):
    """What sequences say under some parameters: all of it adds up over sequences."""

    log_likelihood: float
    expectation: Expectation
    emission_sums: Array
    """What `Emission.fitted` learns from; a frame counts as the parameters say."""


Mapped = Callable[[Parameters], Iterable[Statistics]]
"""What each sequence says under some parameters, wherever the sequences are; in their order."""


class Climbed(NamedTuple):
    """Where a climb ended."""

    parameters: Parameters
    statistics: Statistics
    history: list[float]
    """The objective before each step, the last one being that of `parameters`."""


def said(parameters: Parameters, frames: Array) -> Statistics:
    """Return what one sequence (time, features) says."""
    posterior = parameters.posterior(frames)
    weights = posterior.states @ (parameters.frame_weight * np.eye(parameters.emission.n_looks)[parameters.look])
    sums = parameters.emission.counted(frames, weights)
    return Statistics(posterior.log_likelihood, posterior.expectation, sums)


def _added(one: Statistics, other: Statistics) -> Statistics:
    return Statistics(
        one.log_likelihood + other.log_likelihood,
        Expectation(*map(np.add, one.expectation, other.expectation)),
        one.emission_sums + other.emission_sums,
    )


def expect(parameters: Parameters, sequences: Sequence[Array]) -> Statistics:
    """Return what all sequences say together."""
    return reduce(_added, (said(parameters, frames) for frames in sequences))


def maximize(parameters: Parameters, statistics: Statistics) -> Parameters:
    """Return parameters under which what is expected is most probable, the prior included."""
    expected = statistics.expectation
    initial = expected.initial + PRIOR_TRANSITIONS
    return replace(
        parameters,
        initial=initial / initial.sum(),
        transition=what_follows(expected.transitions + PRIOR_TRANSITIONS),
        durations=parameters.durations.fitted(expected),
        emission=parameters.emission.fitted(statistics.emission_sums),
    )


def climb(
    parameters: Parameters,
    sequences: Sequence[Array],
    *,
    max_iterations: int,
    tolerance: float,
    mapped: Mapped | None = None,
) -> Climbed:
    """Return the parameters at the top, what the sequences say there, and the objective on the way.

    Parameters
    ----------
    tolerance
        Stop when a step gains less than this per frame.
    mapped : optional
        Where the sequences speak, if not here.
    """
    n_frames = sum(map(len, sequences))
    history: list[float] = []
    while True:
        statistics = reduce(_added, mapped(parameters)) if mapped else expect(parameters, sequences)
        history.append(statistics.log_likelihood + parameters.log_prior)
        slow = len(history) > 1 and history[-1] - history[-2] < tolerance * n_frames
        if slow or len(history) > max_iterations:
            return Climbed(parameters, statistics, history)
        parameters = maximize(parameters, statistics)

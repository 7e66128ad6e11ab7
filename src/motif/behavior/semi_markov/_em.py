"""Expectation and maximization: the penalised likelihood climbs at every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._durations import fit_durations, survival
from motif.behavior.semi_markov._messages import Expectation
from motif.behavior.semi_markov._parameters import PRIOR_TRANSITIONS, Parameters

__all__ = ["Statistics", "climb", "expect", "maximize"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Statistics:
    """What all sequences say together under some parameters."""

    log_likelihood: float
    states: list[Array]
    """(time, states) of each sequence."""
    expectation: Expectation
    """Summed over the sequences."""


def expect(parameters: Parameters, sequences: Sequence[Array]) -> Statistics:
    """Return state probabilities and expected counts."""
    posteriors = [parameters.posterior(frames) for frames in sequences]
    parts = zip(*(posterior.expectation for posterior in posteriors), strict=True)
    return Statistics(
        sum(posterior.log_likelihood for posterior in posteriors),
        [posterior.states for posterior in posteriors],
        Expectation(*(np.sum(part, axis=0) for part in parts)),
    )


def maximize(parameters: Parameters, sequences: Sequence[Array], statistics: Statistics) -> Parameters:
    """Return parameters under which what is expected is most probable, the prior included."""
    expected = statistics.expectation
    n_states = len(parameters.initial)
    looks = np.eye(len(parameters.emission.means))[parameters.look]
    initial = expected.initial + PRIOR_TRANSITIONS
    transition = (expected.transitions + PRIOR_TRANSITIONS) * (1.0 - np.eye(n_states))
    durations = _durations(parameters, expected)
    return replace(
        parameters,
        initial=initial / initial.sum(),
        transition=transition / transition.sum(axis=1, keepdims=True),
        durations=fit_durations(parameters.family, durations, parameters.durations, parameters.shortest),
        emission=parameters.emission.fitted(np.concatenate(sequences), np.concatenate(statistics.states) @ looks),
    )


def _durations(parameters: Parameters, expected: Expectation) -> Array:
    """Return expected counts of durations; a segment cut off by the end might have lasted on as the others do."""
    tables = parameters.duration_tables
    completed = tables * np.cumsum(expected.cut_off / survival(tables), axis=1)  # over those it may still have reached
    return expected.durations + completed


def climb(
    parameters: Parameters,
    sequences: Sequence[Array],
    *,
    max_iterations: int,
    tolerance: float,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[Parameters, list[float]]:
    """Return the parameters at the top and the objective after each step.

    Parameters
    ----------
    tolerance
        Stop when a step gains less than this per frame.
    progress : optional
        Called with the number of the step and the objective.
    """
    n_frames = sum(map(len, sequences))
    history: list[float] = []
    for iteration in range(max_iterations):
        statistics = expect(parameters, sequences)
        history.append(statistics.log_likelihood + parameters.log_prior)
        if progress:
            progress(iteration + 1, history[-1])
        if len(history) > 1 and history[-1] - history[-2] < tolerance * n_frames:
            break
        parameters = maximize(parameters, sequences, statistics)
    return parameters, history

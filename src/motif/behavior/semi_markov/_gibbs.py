"""One sweep of the weak-limit blocked Gibbs sampler of the HDP-HSMM.

Every state's transitions are drawn around one base that all share; of the states there may be most stay unused. A
sweep draws all paths at once given the parameters, then the parameters given the paths. A state cannot follow itself:
how often it would have is drawn as well, which makes the rows conjugate again. With geometric durations this is the
sticky HDP-HMM, whose stickiness is then each state's own and learnt.

References
----------
Johnson & Willsky (2013), "Bayesian nonparametric hidden semi-Markov models", JMLR 14, section 4. Fox, Sudderth, Jordan
& Willsky (2011), "A sticky HDP-HMM with application to speaker diarization".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._concentrations import (
    dirichlet,
    drawn_concentration,
    drawn_tables,
    prior_concentrations,
)
from motif.behavior.semi_markov._durations import segments_of
from motif.behavior.semi_markov._parameters import Parameters

__all__ = ["Sample", "drawn_from_prior", "given_paths", "joint_log_probability", "swept"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_FIRST = 1.0
"""How often each state is taken as seen first."""
_COUNTABLE = 1e15
"""Beyond it a count is its expectation, as far as a float can tell."""


@dataclass(frozen=True)
class Sample:
    """Where a chain stands."""

    parameters: Parameters
    rows: Array
    """(states, states), transitions that sum to 1 with the diagonal, as if a state could follow itself."""
    base: Array
    """(states,), what every row is drawn around."""
    row_concentration: float
    base_concentration: float
    paths: tuple[Labels, ...] = ()
    log_joint: float = -np.inf
    """Log probability of the frames and the paths under the parameters that drew the paths."""


def drawn_from_prior(model: Parameters, rng: np.random.Generator) -> Sample:
    """Return a sample from the prior; families and sizes are those of `model`."""
    row_concentration, base_concentration = prior_concentrations(2, rng)
    base = dirichlet(np.full(model.n_states, base_concentration / model.n_states), rng)
    sample = Sample(model, model.transition, base, row_concentration, base_concentration)
    return _parameters_drawn(sample, np.zeros_like(model.transition), (), (), rng)


def swept(sample: Sample, sequences: Sequence[Array], rng: np.random.Generator) -> Sample:
    """Return the sample after one sweep over all paths and parameters."""
    paths = tuple(sample.parameters.path(frames, rng) for frames in sequences)
    log_joint = joint_log_probability(sample.parameters, sequences, paths)
    return replace(given_paths(sample, sequences, paths, rng), paths=paths, log_joint=log_joint)


def given_paths(
    sample: Sample, sequences: Sequence[Array], paths: Sequence[Labels], rng: np.random.Generator
) -> Sample:
    """Return the sample with everything but the paths drawn anew, given paths (time,)."""
    n_states = len(sample.base)
    counts = segments_of(paths).followed(n_states)
    np.fill_diagonal(counts, _stays(counts.sum(axis=1), sample.rows, rng))
    tables = drawn_tables(counts, sample.row_concentration * sample.base, rng)
    served = tables.sum(axis=0)
    own_tables = drawn_tables(served[None], np.full(n_states, sample.base_concentration / n_states), rng)
    row_concentration = drawn_concentration(sample.row_concentration, counts.sum(axis=1), served.sum(), rng)
    base_concentration = drawn_concentration(
        sample.base_concentration, served.sum(keepdims=True), own_tables.sum(), rng
    )
    sample = replace(
        sample,
        base=dirichlet(base_concentration / n_states + served, rng),
        row_concentration=row_concentration,
        base_concentration=base_concentration,
    )
    return _parameters_drawn(sample, counts, sequences, paths, rng)


def joint_log_probability(parameters: Parameters, sequences: Sequence[Array], paths: Sequence[Labels]) -> float:
    """Return the log probability of sequences and their paths under the parameters."""
    frames = sum(
        float(parameters.log_density(part)[np.arange(len(path)), path].sum())
        for part, path in zip(sequences, paths, strict=True)
    )
    segments = segments_of(paths)
    counts = segments.followed(parameters.n_states)
    seen = counts > 0
    transitions = float((counts[seen] * np.log(parameters.transition[seen])).sum())
    firsts = float(np.log(parameters.initial[[path[0] for path in paths]]).sum())
    return frames + transitions + firsts + parameters.durations.log_probability(segments)


def _parameters_drawn(
    sample: Sample, counts: Array, sequences: Sequence[Array], paths: Sequence[Labels], rng: np.random.Generator
) -> Sample:
    """Return the sample with rows, durations and looks drawn given counts of transitions and the paths."""
    before, n_states = sample.parameters, len(sample.base)
    rows = np.stack([dirichlet(sample.row_concentration * sample.base + row, rng) for row in counts])
    transition = np.where(np.eye(n_states, dtype=bool), 0.0, np.maximum(rows, 1e-200))
    sums, one_hot = before.emission.nothing, before.frame_weight * np.eye(n_states)
    for frames, path in zip(sequences, paths, strict=True):
        sums = sums + before.emission.counted(frames, one_hot[path])
    parameters = replace(
        before,
        initial=dirichlet(_FIRST + np.bincount([path[0] for path in paths], minlength=n_states), rng),
        transition=transition / transition.sum(axis=1, keepdims=True),
        durations=before.durations.drawn(segments_of(paths), rng),
        emission=before.emission.drawn(sums, rng),
    )
    return replace(sample, parameters=parameters, rows=rows)


def _stays(left: Array, rows: Array, rng: np.random.Generator) -> Array:
    """Return how often each state would have followed itself before it was left so often, (states,)."""
    leaves = np.maximum((rows * (1.0 - np.eye(len(rows)))).sum(axis=1), 1e-250)  # 1 - diagonal would round to 0
    expected = rng.standard_gamma(left) * np.diag(rows) / leaves  # a negative binomial is a Poisson of a gamma
    few = expected < _COUNTABLE
    return np.where(few, rng.poisson(np.where(few, expected, 0.0)), expected)

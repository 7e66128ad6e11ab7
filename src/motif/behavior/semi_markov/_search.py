"""Split and merge: leave a hill for a higher one, and find how many states there are.

A climb ends on the hill where it began. From there the segments that were found are looked at as wholes: their means
carry far less noise than frames, and their lengths are seen at all. A state whose segments fall into two heaps is
split, two states that tell the same story are merged, and what does not pay for its parameters is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._em import climb
from motif.behavior.semi_markov._emission import summed
from motif.behavior.semi_markov._evidence import evidence, evidence_of_paths
from motif.behavior.semi_markov._frame_weight import autocorrelation_time, frame_weight, unexplained
from motif.behavior.semi_markov._memory import evidence_beyond_memory
from motif.behavior.semi_markov._offsets import by_segment, offsets_of
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._starts import from_labels, look_fitted
from motif.smoothing._segments import segment_starts

__all__ = ["Found", "search"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_SHORT_CLIMB = 6
_TRIED = 4
"""How many splits and merges, of those that look best, are climbed from in each round."""
_MOST_ROUNDS = 40
_FEWEST = 3
"""Segments that a new state begins with at least."""


class Found(NamedTuple):
    """A model and how good it is."""

    parameters: Parameters
    history: list[float]
    """The objective on the last climb."""
    evidence: float
    """Log probability of the frames under a model of this size, whatever its parameters."""


def search(
    start: Parameters,
    sequences: Sequence[Array],
    *,
    n_states: int | None,
    max_states: int,
    max_iterations: int,
    tolerance: float,
    progress: Callable[[str, float], None] | None = None,
) -> Found:
    """Return the best model that splits and merges lead to.

    Parameters
    ----------
    n_states
        How many states the model shall have; None to find out.
    progress : optional
        Called after each round with what was done and the evidence.
    """
    climber = _Climber(sequences, max_iterations, tolerance)
    best = climber.climbed(start)
    weight = frame_weight(best.parameters, sequences, knows_offsets=start.emission.knows_offsets)
    best = climber.climbed(_allowing(replace(best.parameters, frame_weight=weight), sequences))
    for _ in range(_MOST_ROUNDS):
        better = _round(best, climber, n_states, max_states)
        if better is None:
            break
        name, best = better
        if progress:
            progress(name, best.evidence)
    return best if n_states is not None else _unless_noise(_without_unused(best, climber), climber)


def _without_unused(found: Found, climber: _Climber) -> Found:
    """Return a model each of whose states some frame is in."""
    labels = [found.parameters.decode(frames) for frames in climber.sequences]
    used = np.unique(np.concatenate(labels))
    if len(used) == len(found.parameters.look):
        return found
    look = np.unique(found.parameters.look[used], return_inverse=True)[1].astype(np.int64)
    start = from_labels(
        _reshaped(found.parameters, look), climber.sequences, [np.searchsorted(used, path) for path in labels]
    )
    return _without_unused(climber.climbed(start), climber)


def _allowing(parameters: Parameters, sequences: Sequence[Array]) -> Parameters:
    """Return the same model, in which no look is narrower than what its segments differ by as wholes.

    What the covariances of its looks have in common is expected of each from now on.
    """
    residuals, paths = unexplained(parameters, sequences)
    segments = by_segment(residuals, paths)
    memory = autocorrelation_time(segments.within, paths, centred=True)
    offsets = offsets_of(segments, parameters.look[segments.states], memory)
    emission = parameters.emission
    sums = summed(emission, sequences, paths, parameters.frame_weight * np.eye(emission.n_looks)[parameters.look])
    return replace(parameters, emission=emission.allowing(offsets).expecting(sums))


def _unless_noise(best: Found, climber: _Climber) -> Found:
    """Return `best`, or one state where that explains the frames as well."""
    labels = [np.zeros(len(frames), np.int64) for frames in climber.sequences]
    one = from_labels(_reshaped(best.parameters, np.zeros(1, np.int64)), climber.sequences, labels)
    alone = climber.climbed(one)
    if best.parameters.emission.knows_offsets:
        says_more = evidence_beyond_memory(best.parameters, climber.sequences) > 0.0
    else:
        says_more = best.evidence > alone.evidence
    return best if says_more else alone


@dataclass(frozen=True)
class _Climber:
    sequences: Sequence[Array]
    max_iterations: int
    tolerance: float

    def climbed(self, parameters: Parameters, max_iterations: int | None = None) -> Found:
        top = climb(
            parameters,
            self.sequences,
            max_iterations=max_iterations or self.max_iterations,
            tolerance=self.tolerance,
        )
        return Found(top.parameters, top.history, evidence(top.parameters, self.sequences))


@dataclass(frozen=True)
class _Change:
    name: str
    labels: list[Labels]
    """A state for each frame."""
    look: Labels
    """(states,), the look of each state."""


def _round(best: Found, climber: _Climber, n_states: int | None, max_states: int) -> tuple[str, Found] | None:
    """Return the first change that is better than `best`; those are climbed from whose segments say most already."""
    changes = []
    for change in _changes(best.parameters, climber.sequences, n_states, max_states):
        reshaped = _reshaped(best.parameters, change.look)
        changes.append((evidence_of_paths(reshaped, climber.sequences, change.labels), change, reshaped))
    changes.sort(key=lambda each: -each[0])
    for _, change, reshaped in changes[:_TRIED]:
        start = from_labels(reshaped, climber.sequences, change.labels)
        candidate = climber.climbed(start, _SHORT_CLIMB)
        wanted = n_states is not None and len(change.look) != len(best.parameters.look)
        if wanted or candidate.evidence > best.evidence + 1e-3:
            top = climber.climbed(_allowing(candidate.parameters, climber.sequences))
            return change.name, max(top, candidate, key=lambda found: found.evidence)
    return None


def _changes(
    parameters: Parameters, sequences: Sequence[Array], n_states: int | None, max_states: int
) -> Iterator[_Change]:
    """Return what may be better: merges, splits, shared looks; one merge and one split where the number is given."""
    look = parameters.look
    here = _Change("", [parameters.decode(frames) for frames in sequences], look)
    described = [parameters.emission.described(frames) for frames in sequences]
    if len(look) > (1 if n_states is None else n_states):
        yield from _merges(here, parameters, sequences)
    yield from _shared(here, parameters, sequences)
    if (n_states is None and len(look) < max_states) or (n_states is not None and len(look) < n_states):
        yield from _splits(here, described)
    if n_states == len(look) > 2:
        for split in _splits(here, described):
            for merge in _merges(split, parameters, sequences):
                yield replace(merge, name=f"{split.name}, {merge.name}")


def _reshaped(parameters: Parameters, look: Labels) -> Parameters:
    """Return a model with as many states as `look`, to be fitted anew."""
    order = np.arange(len(look)) % len(parameters.look)
    reshaped = parameters.reordered(order)
    looks = np.arange(look.max() + 1) % parameters.emission.n_looks
    initial = reshaped.initial / reshaped.initial.sum()
    return replace(reshaped, initial=initial, look=look, emission=parameters.emission.taken(looks))


def _segments(path: Labels, frames: Array) -> tuple[Labels, Labels, Array]:
    """Return starts (segments + 1,), states and means of the segments of one path; NaN where nothing was seen."""
    starts = segment_starts(path)
    seen = np.asarray(np.isfinite(frames).all(axis=1))
    totals = np.add.reduceat(np.where(seen[:, None], frames, 0.0), starts[:-1], axis=0)
    counts = np.add.reduceat(seen.astype(np.float64), starts[:-1])[:, None]
    means = np.divide(totals, counts, out=np.full_like(totals, np.nan), where=counts > 0)
    return starts, path[starts[:-1]], means


def _splits(change: _Change, described: Sequence[Array]) -> list[_Change]:
    """Return changes in which a part of a state's segments are a new state, the clearest cut first."""
    parts = [_segments(path, frames) for path, frames in zip(change.labels, described, strict=True)]
    states, means = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    lengths = np.concatenate([np.diff(part[0]) for part in parts]).astype(np.float64)
    candidates: list[tuple[float, int, int, Labels]] = []
    for k in range(len(change.look)):
        here = np.flatnonzero((states == k) & np.isfinite(means).all(axis=1))
        if len(here) < 2 * _FEWEST + 2:
            continue
        centred = means[here] - np.average(means[here], axis=0, weights=lengths[here])
        direction = np.linalg.svd(centred * np.sqrt(lengths[here])[:, None], full_matrices=False)[2][0]
        new_look = int(change.look.max()) + 1
        for look, values, weights in (
            (new_look, centred @ direction, lengths[here]),
            (int(change.look[k]), np.log(lengths[here]), np.ones(len(here))),
        ):
            cut, gain = _best_cut(values, weights)
            candidates.append((gain, k, look, here[values > cut]))
    candidates.sort(key=lambda candidate: -candidate[0])
    return [
        _Change(f"split {k}", _moved(change, parts, second), np.append(change.look, look))
        for _, k, look, second in candidates[:_TRIED]
    ]


def _moved(change: _Change, parts: Sequence[tuple[Labels, Labels, Array]], chosen: Labels) -> list[Labels]:
    """Return paths in which the chosen segments, numbered through all sequences, are of a new state."""
    labels, first = [path.copy() for path in change.labels], 0
    for path, (starts, states, _) in zip(labels, parts, strict=True):
        for s in chosen[(chosen >= first) & (chosen < first + len(states))] - first:
            path[starts[s] : starts[s + 1]] = len(change.look)
        first += len(states)
    return labels


def _best_cut(values: Array, weights: Array) -> tuple[float, float]:
    """Return where two normal heaps are told apart best, and the gain in log likelihood over one heap."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    count, first, square = (np.cumsum(weights * values**power) for power in (0, 1, 2))
    total = square[-1] - first[-1] ** 2 / count[-1]
    left = square - first**2 / count
    right = (square[-1] - square) - (first[-1] - first) ** 2 / np.maximum(count[-1] - count, 1e-12)
    rest = (left + right)[_FEWEST - 1 : -_FEWEST]
    best = int(rest.argmin())
    gain = 0.5 * len(values) * np.log(total / max(float(rest[best]), 1e-12 * total)) if total > 0.0 else 0.0
    return float(values[best + _FEWEST - 1 : best + _FEWEST + 1].mean()), float(gain)


def _merges(change: _Change, parameters: Parameters, sequences: Sequence[Array]) -> list[_Change]:
    """Return changes in which two states are one, those that lose least first."""
    return [_merged(change, i, j) for i, j in _alike(change, parameters, sequences)[:_TRIED]]


def _shared(change: _Change, parameters: Parameters, sequences: Sequence[Array]) -> list[_Change]:
    """Return changes in which two states share a look and differ in duration alone, those that lose least first."""
    pairs = [(i, j) for i, j in _alike(change, parameters, sequences) if change.look[i] != change.look[j]]
    return [_sharing(change, i, j) for i, j in pairs[:_TRIED]]


def _alike(change: _Change, parameters: Parameters, sequences: Sequence[Array]) -> list[tuple[int, int]]:
    """Return pairs of states with frames, those first whose frames lose least if they have the look of the other."""
    path = np.concatenate(change.labels)
    n_states, used = len(change.look), np.unique(path)
    emission = parameters.emission.taken(np.arange(change.look.max() + 1) % parameters.emission.n_looks)
    emission = look_fitted(emission, sequences, [change.look[labels] for labels in change.labels])
    density = np.concatenate([emission.log_density(frames) for frames in sequences])[:, change.look]
    evidence = np.stack([density[path == k].sum(axis=0) for k in range(n_states)])
    loss = np.diag(evidence)[:, None] - evidence  # of frames of i under j
    pairs = [(min(loss[i, j], loss[j, i]), i, j) for i, j in combinations(used.tolist(), 2)]
    return [(i, j) for _, i, j in sorted(pairs)]


def _sharing(change: _Change, i: int, j: int) -> _Change:
    look = np.where(change.look == change.look[j], change.look[i], change.look)
    look = np.unique(look, return_inverse=True)[1].astype(np.int64)
    return replace(change, name=f"{i} and {j} look alike", look=look)


def _merged(change: _Change, i: int, j: int) -> _Change:
    numbers = np.delete(np.arange(len(change.look)), j)
    new = np.empty(len(change.look), np.int64)
    new[numbers] = np.arange(len(numbers))
    new[j] = new[i]
    look = np.unique(change.look[numbers], return_inverse=True)[1].astype(np.int64)
    return _Change(f"merged {i} and {j}", [new[path] for path in change.labels], look)

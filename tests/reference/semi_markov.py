"""Hidden semi-Markov models by listing every segmentation of a few frames. Slow, obvious, and the judge."""

from itertools import pairwise
from math import inf

import numpy as np


def segmentations(time, n_states):
    """Every list of (state, length): neighbours differ, lengths add up."""
    if time == 0:
        yield []
        return
    for length in range(1, time + 1):
        for rest in segmentations(time - length, n_states):
            for state in range(n_states):
                if not rest or rest[0][0] != state:
                    yield [(state, length), *rest]


def joint(segments, emission, duration, first_duration, transition, initial):
    """Probability of the segments and the frames; the last segment may last longer than it is seen."""
    time, longest = len(emission), duration.shape[1]
    if any(length > longest for _, length in segments):
        return 0.0
    probability, at = initial[segments[0][0]], 0
    for i, (state, length) in enumerate(segments):
        table = first_duration if i == 0 else duration
        is_last = i == len(segments) - 1
        probability *= table[state, length - 1 :].sum() if is_last else table[state, length - 1]
        probability *= np.prod(emission[at : at + length, state])
        if i:
            probability *= transition[segments[i - 1][0], state]
        at += length
    assert at == time
    return probability


def everything(emission, duration, first_duration, transition, initial):
    """Likelihood, posterior of each frame's state, expected counts and the best score, from every segmentation."""
    time, n_states = emission.shape
    longest = duration.shape[1]
    found = {
        "likelihood": 0.0,
        "states": np.zeros((time, n_states)),
        "initial": np.zeros(n_states),
        "transitions": np.zeros((n_states, n_states)),
        "durations": np.zeros((n_states, longest)),
        "first_durations": np.zeros((n_states, longest)),
        "cut_off": np.zeros((n_states, longest)),
        "best": -inf,
    }
    for segments in segmentations(time, n_states):
        p = joint(segments, emission, duration, first_duration, transition, initial)
        if p == 0.0:
            continue
        found["likelihood"] += p
        found["best"] = max(found["best"], p)
        path = [state for state, length in segments for _ in range(length)]
        found["states"][np.arange(time), path] += p
        found["initial"][segments[0][0]] += p
        for (a, _), (b, _) in pairwise(segments):
            found["transitions"][a, b] += p
        for i, (state, length) in enumerate(segments):
            if i == len(segments) - 1:
                if i:
                    found["cut_off"][state, length - 1] += p
            else:
                found["durations" if i else "first_durations"][state, length - 1] += p
    for name in set(found) - {"likelihood", "best"}:
        found[name] /= found["likelihood"]
    return found


def path_probability(path, *model):
    """Joint probability of one path of states."""
    segments = []
    for state in path:
        if segments and segments[-1][0] == state:
            segments[-1] = (state, segments[-1][1] + 1)
        else:
            segments.append((state, 1))
    return joint(segments, *model)


def score_of_all_or_best(add, emission, duration, first_duration, transition, initial):
    """Log probability of all paths together (`add` is np.logaddexp) or of the best (np.maximum), frame by frame."""
    (time, n_states), longest = emission.shape, duration.shape[1]
    with np.errstate(divide="ignore"):
        tables = {True: np.log(first_duration), False: np.log(duration)}
        lasting = {first: np.log(np.exp(table)[:, ::-1].cumsum(axis=1)[:, ::-1]) for first, table in tables.items()}
        evidence, follows, begins = np.log(emission), np.log(transition), [np.log(initial)]
    for t in range(1, time + 1):
        chosen, ends = lasting if t == time else tables, np.full(n_states, -inf)
        for d in range(1, min(longest, t) + 1):
            ends = add(ends, begins[t - d] + chosen[d == t][:, d - 1] + evidence[t - d : t].sum(axis=0))
        begins.append(add.reduce(ends[:, None] + follows, axis=0))
    return add.reduce(ends)

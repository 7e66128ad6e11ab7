"""Explicit-duration messages: what the past and the future say of segments that begin and end at each frame.

A segment of state k over frames s + 1 … t begins at s and ends at t; frames are numbered 1 … time. A pass costs one dot
product of duration probabilities per frame and state: O(time × states × (states + longest)). The product of emissions
over a segment is a ratio of running products, so a past is kept divided by the running product at its begin and
multiplied back where it ends.

The first segment may have begun before the first frame and the last may go on after the last: `first_duration` is what
is left of the first one, `survival` says how long the last one lasts at least.

References
----------
Yu (2010), "Hidden semi-Markov models", Artificial Intelligence 174, section 2.2. Twin: tests/reference/semi_markov.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motif.behavior.semi_markov._windows import FAST, TOGETHER, briefly, buffer, rebase, room, tell, turned, weighted

__all__ = ["LARGEST_ODDS", "Expectation", "backward", "forward", "occupied"]

LARGEST_ODDS = 1e80
"""A frame speaks at most this much against a state; callers raise smaller relative emissions to 1 over this."""

_UNSEEN = 1e-14
"""A begin less probable than this is left out of the counts of durations."""

Array = NDArray[np.float64]


class Expectation(NamedTuple):
    """What is expected of one sequence, given its frames."""

    initial: Array
    """(states,), of the first segment."""
    transitions: Array
    """(states, states), how often one segment follows another."""
    durations: Array
    """(states, longest), how many segments last 1, 2, … frames, those at the two ends left out."""
    first_durations: Array
    """(states, longest), that of the first segment from the first frame on, if it ends."""
    cut_off: Array
    """(states, longest), that of the last segment, which lasts this long or longer; unless it is the first as well."""


@njit(cache=True, fastmath=FAST)
def _alive(
    past: Array, product: Array, first: Array, survival: Array, first_duration: Array, now: int, t: int
) -> float:
    """Return the joint probability of the frames so far, whatever segment they end in."""
    total = 0.0
    for k in range(product.size):
        for age in range(1, min(survival.shape[1], t - 1) + 1):
            total += product[k] * past[k, now - age] * survival[k, age - 1]
        if t <= survival.shape[1]:
            for left in range(t - 1, first_duration.shape[1]):
                total += first[k] * first_duration[k, left]
    return total


@njit(cache=True, fastmath=FAST)
def forward(
    emission: Array,
    duration: Array,
    first_duration: Array,
    survival: Array,
    transition: Array,
    initial: Array,
    begins: Array,
    ends: Array,
    log_scale: Array,
) -> float:
    """Return the log likelihood of the frames, relative to how the rows of `emission` were scaled.

    Parameters
    ----------
    emission : (time, states)
        Probability density of each frame over any factor of the row's own, such as its largest.
    duration, first_duration : (states, longest)
        Probability of lasting 1, 2, … frames.
    survival : (states, longest)
        Probability of lasting 1, 2, … frames or longer.
    transition : (states, states)
        Rows sum to 1; the diagonal is 0.
    initial : (states,)
    begins, ends : (time + 1, states), written
        Joint probability of frames 1 … t and of a segment that begins, or ends, at t; over `exp(log_scale[t])`.
    log_scale : (time + 1,), written
    """
    time, n_states = emission.shape
    longest = duration.shape[1]
    weights, brief = turned(duration), briefly(duration)
    past, latest, sums = buffer(n_states, longest), np.empty(n_states), np.zeros((TOGETHER, n_states))
    product, first = np.ones(n_states), np.empty(n_states)
    closing, opening = np.empty(n_states), np.empty(n_states)
    log_scale[0] = 0.0
    for k in range(n_states):
        first[k] = begins[0, k] = initial[k]
        ends[0, k] = 0.0
    now = longest + 1  # the first segment stands apart: nothing is in the past yet
    for t in range(1, time + 1):
        after = (t - 1) % TOGETHER
        if after == 0:
            now = room(past, now, longest)
            weighted(weights, past, now, sums)
        total = 0.0
        for k in range(n_states):
            product[k] *= emission[t - 1, k]
            closing[k] = product[k] * sums[after, k]
            total += closing[k]
        if t <= longest:  # the first segment may end or go on; later it cannot be there any more
            for k in range(n_states):
                first[k] *= emission[t - 1, k]
                closing[k] += first[k] * first_duration[k, t - 1]
                total += first[k] * first_duration[k, t - 1]
        if not total > 1e-30:  # hardly any segment can end here
            total = _alive(past, product, first, survival, first_duration, now, t)
        if not total > 0.0:
            return -np.inf
        log_scale[t] = log_scale[t - 1] + np.log(total)
        inverse = 1.0 / total
        for k in range(n_states):
            ends[t, k] = closing[k] * inverse
            opening[k] = 0.0
            product[k] *= inverse
        for j in range(n_states):
            for k in range(n_states):
                opening[k] += ends[t, j] * transition[j, k]
        if t <= longest:
            for k in range(n_states):
                first[k] *= inverse
        rebase(past, now, longest, sums, product)
        for k in range(n_states):
            begins[t, k] = opening[k]
            latest[k] = opening[k] / product[k]
            past[k, now] = latest[k]
        tell(sums, after + 1, brief, latest)
        now += 1
    last = _alive(past, product, first, survival, first_duration, now - 1, time)
    return float(log_scale[time] + np.log(last))


@njit(cache=True, fastmath=FAST)
def _add(total: Array, weight: float, values: Array) -> None:
    for i in range(total.size):
        total[i] += weight * values[i]


@njit(cache=True, fastmath=FAST)
def _count(
    begin: Array, opening: Array, product: Array, future: Array, now: int, posterior: float, counts: Array
) -> None:
    """Add to `counts` (states, longest) the lengths, longest first, of segments that begin here, less their weights."""
    longest = counts.shape[1]
    for k in range(begin.size):
        if begin[k] * opening[k] * posterior > _UNSEEN:
            _add(counts[k], begin[k] * posterior * product[k], future[k, now - longest : now])


@njit(cache=True, fastmath=FAST)
def _count_cut_off(begin: Array, last: Array, survival: Array, left: int, posterior: float, cut_off: Array) -> None:
    """Add segments that begin here and are still there after the last frame."""
    for k in range(begin.size):
        cut_off[k, left - 1] += begin[k] * posterior * last[k] * survival[k, left - 1]


@njit(cache=True)
def _weighted(counts: Array, weights: Array) -> Array:
    """Return counts (states, longest), shortest first; a duration that cannot be has none, whatever stood there."""
    n_states, longest = counts.shape
    product = np.zeros((n_states, longest))
    for k in range(n_states):
        for i in range(longest):
            if weights[k, i] > 0.0:
                product[k, i] = counts[k, longest - 1 - i] * weights[k, i]
    return product


@njit(cache=True, fastmath=FAST)
def backward(
    emission: Array,
    duration: Array,
    first_duration: Array,
    survival: Array,
    transition: Array,
    begins: Array,
    ends: Array,
    log_scale: Array,
    log_likelihood: float,
    counting: bool,
) -> Expectation:
    """Turn the messages of `forward` into posteriors, and return what is expected of the segments.

    Parameters
    ----------
    begins, ends : (time + 1, states), overwritten
        As `forward` left them; then the probability, given all frames, that a segment begins or ends at t.
    log_likelihood : float
        As `forward` returned it.
    counting : bool
        If not, only what is expected of the first segment's state is returned; the rest is 0.
    """
    time, n_states = emission.shape
    longest = duration.shape[1]
    weights, brief = turned(duration), briefly(duration)
    future, latest, sums = buffer(n_states, longest), np.empty(n_states), np.zeros((TOGETHER, n_states))
    product, last = np.ones(n_states), np.ones(n_states)
    opening = np.empty(n_states)
    transitions, cut_off = np.zeros((n_states, n_states)), np.zeros((n_states, longest))
    counts, first_counts = np.zeros((n_states, longest)), np.zeros((n_states, longest))
    scale, now = 0.0, longest + 1
    for k in range(n_states):
        begins[time, k] = ends[time, k] = 0.0
    for t in range(time - 1, -1, -1):
        left = time - t
        after = (left - 1) % TOGETHER
        if after == 0:
            now = room(future, now, longest)
        if t == 0:  # the first segment lasts as long as is left of it
            weights, survival, after = turned(first_duration), _survival(first_duration), 0
        if after == 0:
            weighted(weights, future, now, sums)
        total = 0.0
        for k in range(n_states):
            product[k] *= emission[t, k]
            opening[k] = product[k] * sums[after, k]
            total += opening[k]
        if left <= longest:
            for k in range(n_states):
                last[k] *= emission[t, k]
                opening[k] += last[k] * survival[k, left - 1]
                total += last[k] * survival[k, left - 1]
        if not total > 0.0:
            total = 1.0
        # Everything so far is over exp(scale); the joint with the past, over the likelihood, is the posterior.
        posterior = np.exp(log_scale[t] + scale - log_likelihood)
        if counting:
            _count(begins[t], opening, product, future, now, posterior, counts if t > 0 else first_counts)
            if t > 0 and left <= longest:
                _count_cut_off(begins[t], last, survival, left, posterior, cut_off)
            for j in range(n_states):
                _add(transitions[j], ends[t, j] * posterior, opening)
        scale += np.log(total)
        inverse = 1.0 / total
        for k in range(n_states):
            closing = 0.0
            for j in range(n_states):
                closing += transition[k, j] * opening[j]
            begins[t, k] *= opening[k] * posterior
            ends[t, k] *= closing * posterior
            last[k] *= inverse
            product[k] *= inverse
            latest[k] = closing * inverse
        rebase(future, now, longest, sums, product)
        for k in range(n_states):
            latest[k] /= product[k]
            future[k, now] = latest[k]
        tell(sums, after + 1, brief, latest)
        now += 1
    starting = np.empty(n_states)
    for k in range(n_states):
        starting[k] = begins[0, k]
        for j in range(n_states):
            transitions[k, j] *= transition[k, j]
    return Expectation(
        starting,
        transitions,
        _weighted(counts, duration),
        _weighted(first_counts, first_duration),
        cut_off,
    )


@njit(cache=True)
def _survival(table: Array) -> Array:
    survival = np.empty(table.shape)
    for k in range(table.shape[0]):
        total = 0.0
        for i in range(table.shape[1] - 1, -1, -1):
            total += table[k, i]
            survival[k, i] = total
    return survival


@njit(cache=True)
def occupied(begins: Array, ends: Array) -> Array:
    """Return the probability of each state at each frame (time, states): what has begun and not ended.

    Parameters
    ----------
    begins, ends : (time + 1, states)
        As `backward` left them; `begins` is overwritten.
    """
    time, n_states = begins.shape[0] - 1, begins.shape[1]
    here = np.zeros(n_states)
    for t in range(time):
        total = 0.0
        for k in range(n_states):
            here[k] += begins[t, k] - ends[t, k]
            total += max(here[k], 0.0)
        for k in range(n_states):
            begins[t, k] = max(here[k], 0.0) / total
    return begins[:time]

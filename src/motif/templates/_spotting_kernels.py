"""Where a stream moves and where it rests, sample by sample: the same whatever piece of it comes at a time."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["N_STATE", "activity", "follow"]

N_STATE = 3
"""Numbers that `follow` carries on: state, start of the movement, stop of the movement."""

_RESTING, _RISING, _MOVING, _ENDLESS = 0, 1, 2, 3


@njit(cache=True)
def activity(samples: NDArray[np.float64], scale: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return how much moved in the last `width` samples, up to each. Twin: tests/reference/spotting.py.

    Parameters
    ----------
    samples : (width - 1 + n, n_channels)
        NaN marks a gap, and begins anew.
    scale : (n_channels,)
        The unit of each channel.
    width : int

    Returns
    -------
    (n,)
        Root of the mean over channels of the variance of these samples, in units of `scale`; NaN in a gap.
    """
    n_channels = samples.shape[1]
    result = np.empty(samples.shape[0] - width + 1)
    for i in range(result.size):
        last = i + width - 1
        first, total = last + 1, 0.0
        while first > i and not np.isnan(samples[first - 1]).any():
            first -= 1
        count = last + 1 - first
        for c in range(n_channels):
            mean = 0.0
            for j in range(first, last + 1):
                mean += samples[j, c]
            mean /= max(count, 1)
            variance = 0.0
            for j in range(first, last + 1):
                variance += (samples[j, c] - mean) ** 2
            total += variance / (max(count, 1) * scale[c] ** 2)
        result[i] = np.sqrt(total / n_channels) if count else np.nan
    return result


@njit(cache=True)
def follow(
    moved: NDArray[np.float64],
    first: int,
    wakes: float,
    calms: float,
    pause: int,
    longest: int,
    state: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the movements that end in `moved`, and carry `state` on. Twin: tests/reference/spotting.py.

    A movement reaches above `wakes`; it starts where `calms` was last crossed on the way there, and stops where
    `moved` stays at or below `calms` for `pause` samples, or where a gap comes. One of more than `longest` samples
    is none.

    Parameters
    ----------
    moved : (n,)
        Of `activity`.
    first : int
        Which sample of the stream the first of `moved` is.
    state : (N_STATE,)
        Zeros at the start of a stream.

    Returns
    -------
    (n_movements, 3)
        Start, stop, and the sample on which that was decided.
    """
    found = np.empty((moved.size // 2 + 1, 3), np.int64)
    n_found = 0
    for i in range(moved.size):
        now, at = moved[i], first + i
        if now > calms:
            if state[0] == _RESTING:
                state[0], state[1] = _RISING, at
            if state[0] == _RISING and now > wakes:
                state[0] = _MOVING
            state[2] = at + 1
            if state[0] == _MOVING and at + 1 - state[1] > longest:
                state[0] = _ENDLESS
        elif state[0] == _RISING:
            state[0] = _RESTING
        elif state[0] != _RESTING and (np.isnan(now) or at + 1 - state[2] >= pause):
            if state[0] == _MOVING:
                found[n_found] = state[1], state[2], at
                n_found += 1
            state[0] = _RESTING
    return found[:n_found]

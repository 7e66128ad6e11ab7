"""Sums over the window of durations that slides along a sequence, four frames at a time.

Each number of the window is loaded once for four frames instead of once for each; what is written within these four is
added to those of them that are left.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["FAST", "TOGETHER", "briefly", "buffer", "copy", "rebase", "room", "tell", "turned", "weighted"]

FAST = {"reassoc", "contract", "nsz"}  # sums in any order; NaN and infinity keep their meaning
TOGETHER = 4

_BLOCK = 2048
_FAR = 1e100
_NOTHING = 1e-150

Array = NDArray[np.float64]


@njit(cache=True)
def copy(values: Array, into: Array) -> None:
    """Write values (n,) to the front of `into`, first to last; assigning slices compiles for seconds."""
    for i in range(values.size):
        into[i] = values[i]


@njit(cache=True)
def turned(tables: Array) -> Array:
    """Return tables (states, longest) with the longest duration first, behind a zero for each further frame."""
    weights = np.zeros((tables.shape[0], tables.shape[1] + TOGETHER - 1))
    for k in range(tables.shape[0]):
        copy(tables[k, ::-1], weights[k, TOGETHER - 1 :])
    return weights


@njit(cache=True)
def buffer(n_states: int, longest: int) -> Array:
    """Return where a window of the `longest` latest numbers of each state slides along."""
    return np.zeros((n_states, longest + _BLOCK))


@njit(cache=True)
def room(window: Array, now: int, longest: int) -> int:
    """Return where to write next; at the end of the buffer the latest `longest` move to its front."""
    if now + TOGETHER <= window.shape[1]:
        return now
    for k in range(window.shape[0]):
        copy(window[k, now - longest : now], window[k])
    return longest


@njit(cache=True, fastmath=FAST)
def _four(weights: Array, window: Array, sums: Array, k: int) -> None:
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    for i in range(window.size):
        value = window[i]
        first += weights[i + 3] * value
        second += weights[i + 2] * value
        third += weights[i + 1] * value
        fourth += weights[i] * value
    sums[0, k], sums[1, k], sums[2, k], sums[3, k] = first, second, third, fourth


@njit(cache=True)
def weighted(weights: Array, window: Array, now: int, sums: Array) -> None:
    """Write to `sums` (4, states) what was written before `now`, weighted for the four frames from `now` on."""
    longest = weights.shape[1] - TOGETHER + 1
    for k in range(weights.shape[0]):
        _four(weights[k], window[k, now - longest : now], sums, k)


@njit(inline="always")
def tell(sums: Array, n_done: int, brief: Array, latest: Array) -> None:
    """Add what was just written, `latest` (states,), to the sums of those of the four frames that are left.

    Parameters
    ----------
    n_done
        How many of the four frames are over.
    brief : (3, states)
        Probability of lasting 1, 2 and 3 frames.
    """
    for left in range(n_done, TOGETHER):
        for k in range(latest.size):
            sums[left, k] += brief[left - n_done, k] * latest[k]


@njit(cache=True)
def briefly(tables: Array) -> Array:
    """Return the first three columns of tables (states, longest) as rows; 0 where there are fewer."""
    brief = np.zeros((TOGETHER - 1, tables.shape[0]))
    for i in range(min(TOGETHER - 1, tables.shape[1])):
        copy(tables[:, i], brief[i])
    return brief


@njit(cache=True, fastmath=FAST)
def _multiplied(window: Array, factor: float) -> None:
    for i in range(window.size):
        value = window[i] * factor
        window[i] = value if value > _NOTHING else 0.0


@njit(inline="always")
def rebase(window: Array, now: int, longest: int, sums: Array, product: Array) -> None:
    """Multiply running products (states,) that became extreme back into what they divide, and begin them anew.

    This keeps them in the range of a float, and what is too small to matter becomes 0: denormal numbers cost several
    times as much.
    """
    for k in range(product.size):
        if not 1.0 / _FAR <= product[k] <= _FAR:
            _multiplied(window[k, now - longest : now], product[k])
            for left in range(TOGETHER):
                sums[left, k] *= product[k]
            product[k] = 1.0

"""What one stream of labels tells about another: mutual information and transfer entropy from counts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["shared_information", "transfer_entropy", "transfer_without_blocks"]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def shared_information(a: Codes, b: Codes, shifts: Codes, n_states: int) -> Array:
    """Return the mutual information between a now and b `shifts` samples later, (shifts,), nats.

    Parameters
    ----------
    a, b : (n,)
        States 0 … n_states - 1; the end of b is joined to its beginning.
    shifts : (k,)
    """
    pairs = _pair_counts(a, b, shifts, n_states).astype(np.float64)
    return _entropy(pairs.sum(axis=2)) + _entropy(pairs.sum(axis=1)) - _entropy(pairs.reshape(len(shifts), -1))


def transfer_entropy(source: Codes, target: Codes, shifts: Codes, n_states: int) -> Array:
    """Return what the source tells about the next state of the target that its present state does not, (shifts,), nats.

    Parameters
    ----------
    source, target : (n,)
        States 0 … n_states - 1; the end of the source is joined to its beginning.
    shifts : (k,)
        The source is read so many samples before the target's next state.

    References
    ----------
    Schreiber (2000), "Measuring information transfer"; with a lag of the source as in Wibral et al. (2013), "Measuring
    information-transfer delays". Twin: tests/reference/synchrony.py.
    """
    return _transfer(_triple_counts(source, target, shifts, n_states, 0, len(target) - 1))


def transfer_without_blocks(source: Codes, target: Codes, shift: int, n_states: int, n_blocks: int) -> Array:
    """Return the transfer entropy with each of the blocks in time left out in turn, (n_blocks,), nats."""
    edges, shifts = np.linspace(0, len(target) - 1, n_blocks + 1).astype(np.int64), np.array([shift])
    blocks = [_triple_counts(source, target, shifts, n_states, first, stop) for first, stop in pairwise(edges)]
    total = np.sum(blocks, axis=0)
    return np.concatenate([_transfer(total - block) for block in blocks])


def _transfer(triples: Codes) -> Array:
    """Return (rows,) transfer entropies of (rows, next, now, source) counts, nats."""
    counts, rows = triples.astype(np.float64), len(triples)
    with_source = _entropy(counts.reshape(rows, -1)) - _entropy(counts.sum(axis=1).reshape(rows, -1))
    without = _entropy(counts.sum(axis=3).reshape(rows, -1)) - _entropy(counts.sum(axis=(1, 3)))
    return np.asarray(np.maximum(without - with_source, 0.0))


def _entropy(counts: Array) -> Array:
    """Return (rows,) entropies of (rows, cells) counts, nats."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(-(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1))


@njit(cache=True)
def _pair_counts(a: Codes, b: Codes, shifts: Codes, n_states: int) -> Codes:
    n = a.size
    counts = np.zeros((shifts.size, n_states, n_states), np.int64)
    for s in range(shifts.size):
        for t in range(n):
            counts[s, a[t], b[(t + shifts[s]) % n]] += 1
    return counts


@njit(cache=True)
def _triple_counts(source: Codes, target: Codes, shifts: Codes, n_states: int, first: int, stop: int) -> Codes:
    """Return (shifts, next, now, source) counts of what is now from `first` to before `stop`."""
    n = target.size
    counts = np.zeros((shifts.size, n_states, n_states, n_states), np.int64)
    for s in range(shifts.size):
        for t in range(first, stop):
            counts[s, target[t + 1], target[t], source[(t + 1 - shifts[s]) % n]] += 1
    return counts

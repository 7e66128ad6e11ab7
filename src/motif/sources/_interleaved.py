"""Readings of several sensors that came at once, in an order in which none runs far ahead of the others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from motif.recordings import Readings

__all__ = ["interleaved"]

_PIECE_NS = 1_000_000_000
_MOST_PIECES = 1000
"""Of a sensor; a message whose times lie years apart is cut into longer ones."""


def interleaved(several: Sequence[Readings]) -> list[Readings]:
    """Return readings cut into seconds, each second of all sensors before the next one of any.

    What puts sensors on one grid gives up one that is seconds behind. A phone that was cut off for half a minute has
    that much of each sensor to send.
    """
    sampled = [each for each in several if each.n_samples]
    first_ns = min((int(each.time_ns[0]) for each in sampled), default=0)
    last_ns = max((int(each.time_ns[-1]) for each in sampled), default=0)
    piece_ns = max(_PIECE_NS, (last_ns - first_ns) // _MOST_PIECES)
    pieces: list[tuple[int, Readings]] = []
    for each in sampled:
        numbers = (each.time_ns - first_ns) // piece_ns
        if (np.diff(numbers) < 0).any():
            return list(several)
        cuts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), each.n_samples]
        for start, stop in itertools.pairwise(cuts):
            marks = each.annotations if not start else ()
            part = replace(each, time_ns=each.time_ns[start:stop], values=each.values[start:stop], annotations=marks)
            pieces.append((int(numbers[start]), part))
    in_turn = [piece for _, piece in sorted(pieces, key=lambda numbered: numbered[0])]
    return [*in_turn, *(each for each in several if not each.n_samples)]

"""Where changes of a label were said to be, against where they are: what would be right if usual shifts were known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Change", "matched_changes", "moved_back"]

FARTHEST = 20
"""Frames between a change and what was said of it: beyond, it was not found."""

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """A change that was found."""

    stream: int
    person: str
    pair: tuple[int, int]
    at: int
    """Frame at which it was said to be."""
    late: int
    """Frames by which that is after the truth."""


def matched_changes(truth: Sequence[Labels], said: Sequence[Labels], persons: Sequence[str]) -> list[Change]:
    """Return, for each change in the truth, the nearest that was said between the same labels, where there is one."""
    found = []
    for stream, (true, heard) in enumerate(zip(truth, said, strict=True)):
        places = np.flatnonzero(np.diff(heard)) + 1
        for frame in np.flatnonzero(np.diff(true)) + 1:
            pair = int(true[frame - 1]), int(true[frame])
            alike = [int(at) for at in places if (heard[at - 1], heard[at]) == pair and abs(at - frame) <= FARTHEST]
            if alike:
                nearest = min(alike, key=lambda at: abs(at - frame))
                found.append(Change(stream, persons[stream], pair, nearest, nearest - int(frame)))
    return found


def moved_back(
    said: Sequence[Labels], changes: Sequence[Change], alike: Callable[[Change, Change], bool]
) -> list[Labels]:
    """Return what was said with each change moved by the median lateness of the changes that are `alike` to it."""
    late: dict[int, dict[int, int]] = defaultdict(dict)
    for change in changes:
        others = [other.late for other in changes if alike(change, other)]
        late[change.stream][change.at] = round(float(np.median(others))) if others else 0
    return [_moved(heard, late[stream]) for stream, heard in enumerate(said)]


def _moved(heard: Labels, late: dict[int, int]) -> Labels:
    starts = np.concatenate([[0], np.flatnonzero(np.diff(heard)) + 1])
    places = [0] + [int(at) - late.get(int(at), 0) for at in starts[1:]]
    edges = np.maximum.accumulate(np.clip(np.append(places, len(heard)), 0, len(heard)))
    return np.asarray(np.repeat(heard[starts], np.diff(edges)))

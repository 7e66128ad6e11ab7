"""Found segments against true ones: which were found, which were invented."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import ConfigError, InputError, ShapeError

__all__ = ["SegmentScores", "label_segments", "segment_f1"]

Segment: TypeAlias = tuple[float, float, Hashable]


@dataclass(frozen=True, slots=True)
class SegmentScores:
    """How many segments were found, and how many of those found are true."""

    f1: float
    """2 × matched / (true + found); 1 where there was nothing to find and nothing was found."""
    n_true: int
    n_found: int
    n_matched: int
    pairs: tuple[tuple[int, int], ...]
    """Which true segment was matched with which found one, as indices, in the order of the true ones."""

    @property
    def precision(self) -> float | None:
        """Share of the found segments that are true; None where none was found."""
        return self.n_matched / self.n_found if self.n_found else None

    @property
    def recall(self) -> float | None:
        """Share of the true segments that were found; None where there are none."""
        return self.n_matched / self.n_true if self.n_true else None


def segment_f1(truth: Iterable[Segment], found: Iterable[Segment], overlap: float = 0.5) -> SegmentScores:
    """Match segments one to one, the best overlap first, and count.

    Parameters
    ----------
    truth, found : iterable of (start, stop, label)
        Stop excluded, in any unit of time; the order does not matter.
    overlap : float in [0, 1]
        How much two segments of one label must share: the length of their intersection over that of their union.
        At 0 any overlap will do.

    Raises
    ------
    ConfigError
        `overlap` is outside 0…1.
    InputError
        A segment does not end after it starts.

    References
    ----------
    Lea et al. (2017), "Temporal convolutional networks for action segmentation and detection", CVPR: F1@k.

    Examples
    --------
    >>> truth = [(0, 10, "wave"), (20, 30, "tap")]
    >>> segment_f1(truth, [(2, 11, "wave"), (21, 28, "wave")]).f1
    0.5
    """
    if not 0 <= overlap <= 1:
        raise ConfigError(f"overlap={overlap!r} cannot be; give a share from 0 to 1")
    true, called = _checked("truth", truth), _checked("found", found)
    shares = [
        (share, i, j)
        for i, j in _meeting(true, called)
        if (share := _shared(true[i], called[j])) > 0 and share >= overlap
    ]
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(shares, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    total = len(true) + len(called)
    return SegmentScores(
        f1=2 * len(partner) / total if total else 1.0,
        n_true=len(true),
        n_found=len(called),
        n_matched=len(partner),
        pairs=tuple(sorted(partner.items())),
    )


def label_segments(labels: ArrayLike, *, background: Any = None) -> list[tuple[int, int, Any]]:
    """Return the runs of one label in a stream, ready for `segment_f1`.

    Parameters
    ----------
    labels : (n_samples,)
        One label a sample.
    background : label, optional
        The label of what is no segment; its runs are left out.

    Examples
    --------
    >>> label_segments([0, 2, 2, 1, 0], background=0)
    [(1, 3, 2), (3, 4, 1)]
    """
    stream = np.asarray(labels)
    if stream.ndim != 1:
        raise ShapeError("labels", got=stream.shape, want="(n_samples,)")
    edges = [0, *(np.flatnonzero(stream[1:] != stream[:-1]) + 1).tolist(), len(stream)]
    values = stream.tolist()
    runs = [(start, stop, values[start]) for start, stop in pairwise(edges) if stop > start]
    return [run for run in runs if run[2] != background]


def _checked(name: str, segments: Iterable[Segment]) -> Sequence[Segment]:
    rows = list(segments)
    for i, (start, stop, _) in enumerate(rows):
        if not stop > start:
            raise InputError(f"{name}[{i}] goes from {start} to {stop}; want a segment that ends after it starts")
    return rows


def _meeting(true: Sequence[Segment], called: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that could overlap, without looking at all: streams of labels have thousands of segments."""
    order = sorted(range(len(called)), key=lambda j: called[j][0])
    starts = [called[j][0] for j in order]
    latest = list(accumulate((called[j][1] for j in order), max))  # where all up to here have stopped
    for i, (start, stop, _) in enumerate(true):
        for place in range(bisect_right(latest, start), bisect_left(starts, stop)):
            yield i, order[place]


def _shared(one: Segment, other: Segment) -> float:
    if one[2] != other[2]:
        return 0.0
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common / (max(one[1], other[1]) - min(one[0], other[0])) if common > 0 else 0.0

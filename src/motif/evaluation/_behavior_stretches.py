"""Figures of labels that stand in stretches of time: nothing changes, lasts or is matched across two of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, DtypeError, InputError, ShapeError
from motif.evaluation._behavior_agreement import boundary_f1
from motif.evaluation._behavior_streams import DwellTimes, dwell_times
from motif.evaluation._segments import label_segments

__all__ = ["changes_a_label", "changes_f1", "stretch_dwell_times", "stretch_segments", "stretches_of"]

Labels = NDArray[np.int64]


def stretches_of(streams: Labels, lengths: ArrayLike | None) -> list[Labels]:
    """Return the rows of (n, time) labels, or the parts of a single row that hold so many labels each.

    Raises
    ------
    ShapeError, DtypeError, InputError
        `lengths` are no counts, or not those of the row.
    """
    if lengths is None:
        return list(streams)
    counts = np.asarray(lengths)
    if counts.ndim != 1 or len(streams) != 1:
        raise ShapeError("lengths", got=counts.shape, want="(stretches,), for labels (time,)")
    if counts.dtype.kind not in "iu":
        raise DtypeError("lengths", got=counts.dtype, want="integers, how many labels each stretch has")
    shortest, total = counts.min(initial=streams.size), counts.sum()
    if shortest < 1 or total != streams.size:
        raise InputError(
            f"lengths are {shortest} or more, {total} in sum; want 1 or more each, and {streams.size} in sum, as there "
            "are labels"
        )
    return np.split(streams[0], np.cumsum(counts)[:-1])


def changes_a_label(stretches: Sequence[Labels]) -> float:
    """Return the share of labels that differ from the one before, where there is one before."""
    steps = sum(len(stretch) - 1 for stretch in stretches)
    return sum(np.count_nonzero(np.diff(stretch)) for stretch in stretches) / steps if steps else 0.0


def stretch_dwell_times(stretches: Sequence[Labels], rate_hz: float, window_s: float | None) -> DwellTimes:
    """Return the segments of all stretches; with `window_s`, those of a stretch are as long as the stretch in sum.

    A label stands for the time to the next one, in the middle of its window; the first and the last of a stretch stand
    for the rest of their windows too.

    Raises
    ------
    ConfigError
        `rate_hz` or `window_s` is not above 0.
    """
    if window_s is not None and not 0.0 < window_s < np.inf:
        raise ConfigError(f"window_s is {window_s}; want the seconds a label looks at, above 0")
    found = [dwell_times(stretch, rate_hz) for stretch in stretches]
    rest = 0.0 if window_s is None else (window_s - 1.0 / rate_hz) / 2.0
    for each in found:
        each.lengths_s[0] += rest
        each.lengths_s[-1] += rest
    return DwellTimes(
        np.concatenate([each.states for each in found]),
        np.concatenate([each.lengths_s for each in found]),
        np.concatenate([each.complete for each in found]),
    )


def stretch_segments(stretches: Sequence[Labels]) -> list[tuple[int, int, int]]:
    """Return the segments of all stretches, one stretch behind the other."""
    firsts = accumulate((len(stretch) for stretch in stretches), initial=0)
    return [
        (first + start, first + stop, label)
        for first, stretch in zip(firsts, stretches, strict=False)
        for start, stop, label in label_segments(stretch)
    ]


def changes_f1(truth: Sequence[Labels], found: Sequence[Labels], tolerance: int) -> float:
    """Return `boundary_f1` of all stretches: 1 where there was nothing to find and nothing was found."""
    scores = [boundary_f1(a, b, tolerance) for a, b in zip(truth, found, strict=True)]
    total = sum(score.n_true + score.n_found for score in scores)
    return 2 * sum(score.n_matched for score in scores) / total if total else 1.0

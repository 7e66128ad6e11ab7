"""Majority in a window, with a harder way in than out, then a shortest dwell."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError
from motif.smoothing._policy import checked_streams, require_frames, to_codes
from motif.smoothing._segments import merge_short, segment_starts

__all__ = ["MedianHysteresisPolicy"]


@dataclass(frozen=True)
class MedianHysteresisPolicy:
    """A label holds until its share of a window falls and another's rises; what lasts too short goes to a neighbour.

    Labels have no order, so the median of the name is a majority. Parameters are in frames and shares.

    Raises
    ------
    ConfigError
        A setting that cannot be.

    Examples
    --------
    >>> flicker = np.array([[0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 2, 2, 2, 0, 2, 2, 2]])
    >>> MedianHysteresisPolicy().smooth(flicker)
    array([[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2]])
    """

    min_dwell: int = 5
    """Frames that a segment lasts at least."""
    window_size: int = 7
    """Frames that vote; centred for `smooth`, the latest ones for `live`."""
    enter_threshold: float = 0.5
    """A label may begin where its share of the votes is above this; ½ or more, so that only one can."""
    exit_threshold: float = 0.5
    """The present label may end where its share is below this."""

    def __post_init__(self) -> None:
        require_frames(min_dwell=self.min_dwell, window_size=self.window_size)
        if not 0.5 <= self.enter_threshold < 1.0:
            raise ConfigError(f"enter_threshold is {self.enter_threshold}; want 0.5 to below 1")
        if not 0.0 < self.exit_threshold <= 0.5:
            raise ConfigError(f"exit_threshold is {self.exit_threshold}; want above 0, at most 0.5")

    def smooth(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Return (n, time) smoothed labels of (n, time) labels, each row by itself.

        Raises
        ------
        ShapeError, DtypeError
        """
        streams = checked_streams(labels)
        for i, stream in enumerate(streams):
            present, codes = to_codes(stream)
            smoothed = _hysteresis(codes, len(present), self.window_size, self.enter_threshold, self.exit_threshold)
            merge_short(smoothed, codes, self.min_dwell, len(segment_starts(codes)) - 1)
            streams[i] = present[smoothed]
        return streams

    def live(self) -> _LiveMajority:
        """Return a fresh causal smoother: `step(label)` gives the label that holds now."""
        return _LiveMajority(self)


@njit(cache=True)
def _hysteresis(
    codes: NDArray[np.int64], n_labels: int, window_size: int, enter: float, leave: float
) -> NDArray[np.int64]:
    """Return the label that holds at each frame, (time,). Twin: tests/reference/smoothing.py."""
    length, before = codes.size, window_size // 2
    counts, held = np.zeros(n_labels, np.int64), np.empty(length, np.int64)
    first, last = 0, 0  # the votes at hand: frames first … last - 1
    present = -1
    for t in range(length):
        while last < min(t - before + window_size, length):
            counts[codes[last]] += 1
            last += 1
        while first < t - before:
            counts[codes[first]] -= 1
            first += 1
        best, votes = int(counts.argmax()), last - first
        if present < 0 or (counts[present] < leave * votes and counts[best] > enter * votes):
            present = best
        held[t] = present
    return held


class _LiveMajority:
    """One stream, frame by frame. It changes only on a frame that carries the new label, so it never adds changes."""

    def __init__(self, policy: MedianHysteresisPolicy) -> None:
        self._policy = policy
        self._votes: deque[int] = deque(maxlen=policy.window_size)
        self._present: int | None = None
        self._held = 0

    def step(self, label: int) -> int:
        """Take the next raw label; return the label that holds now."""
        self._votes.append(label)
        if self._present is None:
            self._present = label
        elif label != self._present and self._held >= self._policy.min_dwell and self._outvotes(label, self._present):
            self._present, self._held = label, 0
        self._held += 1
        return self._present

    def _outvotes(self, label: int, present: int) -> bool:
        n_votes = len(self._votes)
        enters = self._votes.count(label) > self._policy.enter_threshold * n_votes
        return enters and self._votes.count(present) < self._policy.exit_threshold * n_votes

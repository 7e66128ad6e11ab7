"""A stream cut into movements, with a bounded memory of what was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.templates._spotting_kernels import N_STATE, activity, follow
from motif.templates._spotting_lessons import Motion, from_rest, seen_until

__all__ = ["Movement", "MovementStream"]

_BLOCK = 4096  # samples taken at a time, so that a long recording needs no more memory than a live stream


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """A stretch that moved as long as a gesture may."""

    values: NDArray[np.float64]
    """(n_samples, n_channels), as `from_rest` gives them."""
    start_ns: int
    end_ns: int
    """The time of its last sample."""
    decided_ns: int


class MovementStream:
    """Cut samples into movements as they come; the size of the pieces makes no difference."""

    def __init__(self, motion: Motion) -> None:
        self.motion = motion
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self._state = np.zeros(N_STATE, np.int64)
        self._count = 0
        n = self.motion.longest + self.motion.pause + 2 * self.motion.width
        self._values = np.full((n, len(self.motion.scale)), np.nan)
        self._times = np.zeros(n, np.int64)

    def step(self, times: NDArray[np.int64], values: NDArray[np.float64]) -> Iterator[Movement]:
        """Take the next samples (n,), (n, n_channels); give the movements that end in them."""
        for first in range(0, len(values), _BLOCK):
            yield from self._block(times[first : first + _BLOCK], values[first : first + _BLOCK])

    def flush(self) -> Iterator[Movement]:
        """End the stream as a gap would; give the movement that was under way."""
        gap = np.full((1, self._values.shape[1]), np.nan)
        yield from self._block(self._times[-1:].copy(), gap)

    def _block(self, times: NDArray[np.int64], values: NDArray[np.float64]) -> Iterator[Movement]:
        motion, kept = self.motion, len(self._values)
        all_values, all_times = np.concatenate([self._values, values]), np.concatenate([self._times, times])
        moved = activity(all_values[kept - motion.width + 1 :], motion.scale, motion.width)
        found = follow(
            moved, self._count, motion.wakes, motion.calms, motion.pause, motion.longest + motion.width, self._state
        )
        offset = kept - self._count  # from a sample's number in the stream to its place here
        self._count += len(values)
        self._values, self._times = all_values[-kept:], all_times[-kept:]
        for start, stop, decided in found.tolist():
            a, b = start + offset, seen_until(stop, decided, motion) + offset
            if motion.shortest <= b - a <= motion.longest:
                yield Movement(
                    from_rest(all_values, a, b, motion),
                    int(all_times[a]),
                    int(all_times[b - 1]),
                    int(all_times[decided + offset]),
                )

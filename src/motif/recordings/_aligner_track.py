"""One sensor's samples in the order of their times, and what it measured at a time between two of them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from operator import lt

__all__ = ["Track"]

_MOST_SAMPLES = 20_000  # ten seconds at 2 kHz: a sensor never needs it, a flood of times must not fill the memory


class Track:
    """The samples of one sensor that may still be needed, sorted by time.

    Parameters
    ----------
    channels : tuple of str
    max_gap_ns : ns
        The longest step to draw a line across.
    """

    def __init__(self, channels: tuple[str, ...], max_gap_ns: int) -> None:
        self.channels = channels
        self.first_ns = 0
        """Time of the earliest sample it ever had."""
        self._max_gap_ns = max_gap_ns
        self._times: list[int] = []
        self._rows: list[list[float]] = []
        self._gap = [math.nan] * len(channels)

    def __len__(self) -> int:
        return len(self._times)

    @property
    def last_ns(self) -> int:
        """Time of the latest sample."""
        return self._times[-1]

    def add(self, time_ns: int, row: list[float]) -> bool:
        """Put a sample where its time belongs; return False, and leave all as it is, where that time has one."""
        times = self._times
        if not times or time_ns > times[-1]:
            place = len(times)
        else:
            place = bisect_left(times, time_ns)
            if times[place] == time_ns:
                return False
        self.first_ns = min(self.first_ns, time_ns) if times else time_ns
        times.insert(place, time_ns)
        self._rows.insert(place, row)
        if len(times) > _MOST_SAMPLES:
            del times[0], self._rows[0]
        return True

    def extend(self, times: list[int], rows: list[list[float]]) -> bool:
        """Put samples behind all it has; return False, and leave all as it is, where one has another place."""
        if not all(map(lt, [self._times[-1], *times], times)) or len(self) + len(times) > _MOST_SAMPLES:
            return False
        self._times += times
        self._rows += rows
        return True

    def settled_ns(self, late_ns: int) -> int:
        """Return up to when no sample that is at most `late_ns` late can change a value."""
        if not late_ns:
            return self._times[-1]
        sure_ns = self._times[-1] - late_ns
        place = bisect_right(self._times, sure_ns) - 1
        return self._times[place] if place >= 0 else sure_ns  # before its first sample it has no value

    def forget_before(self, time_ns: int) -> None:
        """Drop what is no neighbour of any time after `time_ns`: all but the last sample up to it."""
        n_old = bisect_right(self._times, time_ns) - 1
        if n_old > 0:
            del self._times[:n_old], self._rows[:n_old]

    def at(self, time_ns: int) -> list[float]:
        """Return the value of each channel on the straight line between neighbours; NaN in gaps and beyond the ends."""
        times = self._times
        place = bisect_left(times, time_ns)
        if place == len(times):
            return self._gap
        if times[place] == time_ns:
            return self._rows[place]
        if place == 0 or (step := times[place] - times[place - 1]) > self._max_gap_ns:
            return self._gap
        share = (time_ns - times[place - 1]) / step
        rest = 1.0 - share  # not a + (b - a) * share, which overflows for numbers near the largest
        return [a * rest + b * share for a, b in zip(self._rows[place - 1], self._rows[place], strict=True)]

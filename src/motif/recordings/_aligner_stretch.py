"""One stretch of a device's time without a jump of its clock: its sensors, and their rows on the grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from motif.recordings._aligner_track import Track

__all__ = ["Grid", "Stretch"]

_MIN_SAMPLES = 3  # of each sensor, before its clock is believed to have jumped: a single wrong time is no jump

Row = tuple[int, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Grid:
    """What the rows are to be, times in nanoseconds."""

    channels: tuple[str, ...]
    period_ns: tuple[int, int]
    """As a fraction: numerator and denominator."""
    max_gap_ns: int
    max_late_ns: int
    max_skew_ns: int

    def time_ns(self, k: int) -> int:
        """Return the time of row `k`, counted from 1970: the multiple of the period, rounded."""
        numerator, denominator = self.period_ns
        return (k * numerator + denominator // 2) // denominator

    def row_from(self, time_ns: int) -> int:
        """Return the first row that is not before `time_ns`."""
        k = time_ns * self.period_ns[1] // self.period_ns[0]
        while self.time_ns(k) < time_ns:
            k += 1
        return k


class Stretch:
    """Sensors in, rows out, each as soon as nothing that is in time can change it."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._tracks: dict[tuple[str, ...], Track] = {}
        self._next: int | None = None
        self._next_ns = self._out_ns = 0
        self._needed: list[Track] = []
        self._places: list[tuple[int, ...]] = []  # of each channel: what to add up of all values of those needed
        self._picked = _picker([])
        self.newest_ns = 0
        """The latest time of any of its samples."""

    @property
    def n_samples(self) -> int:
        """How many samples it holds."""
        return sum(map(len, self._tracks.values()))

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels that no sensor gives at present."""
        if not self._places:
            return self._grid.channels
        return tuple(name for name, parts in zip(self._grid.channels, self._places, strict=True) if not parts)

    def is_late(self, time_ns: int) -> bool:
        """Whether the rows this sample would have been for are out already."""
        return self._next is not None and time_ns <= self._out_ns

    def add(self, channels: tuple[str, ...], time_ns: int, row: list[float]) -> bool:
        """Take a sample; return False where its sensor has one of that time."""
        track = self._tracks.get(channels)
        self.newest_ns = max(self.newest_ns, time_ns) if self._tracks else time_ns
        if track is None:
            track = self._tracks[channels] = Track(channels, self._grid.max_gap_ns)
            self._plan()
        return track.add(time_ns, row)

    def extend(self, channels: tuple[str, ...], times: list[int], rows: list[list[float]]) -> bool:
        """Take samples of a sensor at once where that is as one by one; else take none and return False.

        They come behind those before, in time for rows to come, and no sensor is waited for too long meanwhile.
        """
        track, skew_ns = self._tracks.get(channels), self._grid.max_skew_ns
        if not times or track not in self._needed or self._grid.max_late_ns or not all(self._places):
            return False
        first_ns, last_ns = times[0], times[-1]
        newest_ns = max(self.newest_ns, last_ns)
        waits = any(other.last_ns < newest_ns - skew_ns for other in self._needed if other is not track)
        leaps = abs(first_ns - self.newest_ns) >= skew_ns or last_ns - first_ns > skew_ns  # before them no row is out
        if waits or leaps or any(math.isnan(row[0]) for row in rows):
            return False
        if not track.extend(times, rows):
            return False
        self.newest_ns = newest_ns
        return True

    def follows(self, before: Stretch) -> bool:
        """Whether all sensors of the stretch before have come over, or have had the time to."""
        if not any(len(track) >= _MIN_SAMPLES for track in self._tracks.values()):
            return False
        if self.newest_ns - min(t.first_ns for t in self._tracks.values()) >= self._grid.max_skew_ns:
            return True
        return not before.missing and all(
            len(self._tracks.get(channels, ())) >= _MIN_SAMPLES for channels in before._tracks
        )

    def ready(self) -> Iterator[Row]:
        """Yield the rows that are final."""
        sure_ns = self._sure_ns()
        overdue_ns = self.newest_ns - self._grid.max_skew_ns
        yield from self._rows(max(sure_ns, overdue_ns))
        if sure_ns < overdue_ns:
            self._forget_the_silent(overdue_ns)

    def rest(self) -> Iterator[Row]:
        """Yield what is left, up to the latest sample."""
        yield from self._rows(self.newest_ns)

    def _sure_ns(self) -> int:
        """Return up to when every channel is final; before all time where a channel has no sensor yet."""
        if not all(self._places):
            return -(2**63)
        return min(track.settled_ns(self._grid.max_late_ns) for track in self._needed)

    def _rows(self, until_ns: int) -> Iterator[Row]:
        if self._next is None:
            first_ns = min(track.first_ns for track in self._tracks.values())
            if until_ns < first_ns:
                return
            self._next = self._grid.row_from(first_ns)
            self._next_ns, self._out_ns = self._grid.time_ns(self._next), self._grid.time_ns(self._next - 1)
        while self._next_ns <= until_ns:
            yield self._next_ns, self._row(self._next_ns)
            self._next += 1
            self._next_ns, self._out_ns = self._grid.time_ns(self._next), self._next_ns
        for track in self._tracks.values():
            track.forget_before(self._out_ns)

    def _row(self, time_ns: int) -> Sequence[float]:
        return self._picked([value for track in self._needed for value in track.at(time_ns)])

    def _forget_the_silent(self, before_ns: int) -> None:
        silent = [key for key, track in self._tracks.items() if track.last_ns < before_ns]
        for key in silent:
            del self._tracks[key]
        if silent:
            self._plan()

    def _plan(self) -> None:
        """Find the sensor of each channel; specific force is acceleration and gravity where nothing gives it itself."""
        where = {name: track for track in reversed(self._tracks.values()) for name in track.channels}
        sources: list[tuple[str, ...]] = []
        for name in self._grid.channels:
            parts = (f"linear_{name}", name.replace("acc", "gravity", 1))
            if name in where:
                sources.append((name,))
            else:
                sources.append(parts if name.startswith("acc_") and all(part in where for part in parts) else ())
        self._needed = list({id(where[name]): where[name] for parts in sources for name in parts}.values())
        names = [(id(track), name) for track in self._needed for name in track.channels]
        place = {name: i for i, name in enumerate(names)}
        self._places = [tuple(place[id(where[name]), name] for name in parts) for parts in sources]
        self._picked = _picker(self._places)


def _picker(places: list[tuple[int, ...]]) -> Callable[[Sequence[float]], Sequence[float]]:
    """Return what makes a row of all values: it takes each from its place, adds those of several, and NaN for none."""
    if len(places) > 1 and all(len(parts) == 1 for parts in places):  # nearly always
        return itemgetter(*(parts[0] for parts in places))
    return lambda values: [sum(values[i] for i in parts) if parts else math.nan for parts in places]

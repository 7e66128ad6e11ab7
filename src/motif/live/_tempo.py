"""`Tempo`: when the next beat and the next bar are."""

from __future__ import annotations

import math
from itertools import pairwise

from motif.errors import ConfigError

__all__ = ["Tempo"]

_SLOWEST_S = 3.0  # 20 beats a minute: after a longer wait tapping begins anew
_MOST_TAPS = 8


class Tempo:
    """Beats on a clock: set by numbers, or tapped.

    Examples
    --------
    >>> tempo = Tempo(bpm=120, phase_ns=0)
    >>> tempo.next_beat_ns(600_000_000), tempo.next_bar_ns(600_000_000)
    (1000000000, 2000000000)
    """

    def __init__(self, bpm: float = 120.0, *, beats_per_bar: int = 4, phase_ns: int = 0) -> None:
        if beats_per_bar < 1:
            raise ConfigError(f"beats_per_bar={beats_per_bar} cannot be; want 1 or more")
        self.beats_per_bar = beats_per_bar
        self._taps: list[int] = []
        self.set(bpm, phase_ns=phase_ns)

    @property
    def bpm(self) -> float:
        """Beats a minute."""
        return 60e9 / self._beat_ns

    @property
    def beat_s(self) -> float:
        """Seconds from beat to beat."""
        return self._beat_ns / 1e9

    def set(self, bpm: float, *, phase_ns: int | None = None) -> None:
        """Take a tempo, and the time of any first beat of a bar.

        Raises
        ------
        ConfigError
            `bpm` is not from 20 to 400.
        """
        if not 20.0 <= bpm <= 400.0:
            raise ConfigError(f"bpm={bpm} cannot be; want 20 to 400")
        self._beat_ns = 60e9 / bpm
        if phase_ns is not None:
            self._phase_ns = phase_ns

    def tap(self, now_ns: int) -> None:
        """Take a tapped beat: the first of a series begins a bar, the mean of its steps is the tempo."""
        if self._taps and not 0 < now_ns - self._taps[-1] <= _SLOWEST_S * 1e9:
            self._taps = []
        self._taps = [*self._taps, now_ns][-_MOST_TAPS:]
        if len(self._taps) == 1:
            self._phase_ns = now_ns
            return
        steps = [after - before for before, after in pairwise(self._taps)]
        bpm = min(400.0, 60e9 * len(steps) / sum(steps))
        n_beats = round((now_ns - self._phase_ns) / (60e9 / bpm))
        self.set(bpm, phase_ns=now_ns - round(n_beats * 60e9 / bpm))

    def next_beat_ns(self, now_ns: int) -> int:
        """Return the time of the next beat; now, where one is."""
        return self._next_ns(now_ns, 1)

    def next_bar_ns(self, now_ns: int) -> int:
        """Return the time of the next first beat of a bar; now, where one is."""
        return self._next_ns(now_ns, self.beats_per_bar)

    def _next_ns(self, now_ns: int, step: int) -> int:
        beats = (now_ns - self._phase_ns) / self._beat_ns - 1e-6  # a beat that has just passed is now
        return max(now_ns, self._phase_ns + round(math.ceil(beats / step) * step * self._beat_ns))

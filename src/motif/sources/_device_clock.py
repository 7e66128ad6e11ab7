"""From a device's own clock to the time of day, by when its samples arrive."""

from __future__ import annotations

from collections import deque

__all__ = ["DeviceClock"]

_WINDOW_NS = 10_000_000_000
"""The least delay of this long is believed."""
_BUCKET_NS = 250_000_000
_JUMP_NS = 1_000_000_000
"""A clock that is off by more was set or restarted: no slewing, a step."""
_SLEW = 5e-4
"""Corrections change the time between two samples by no more than this share, as NTP's do."""


class DeviceClock:
    """Maps stamps of a clock with an unknown start (time since boot) to nanoseconds since the epoch.

    A sample arrives when it was taken plus a delay that is never negative, so the least of `arrival − stamp` over ten
    seconds is the clock's offset, up to the quickest delay on the way. The first sample sets the offset; later it is
    corrected so slowly (0.05 %) that times between samples stay true. Where the stamps run back by more than a second
    (the device restarted) or all of ten seconds disagree by more than that (a clock was set) it steps, and counts it.

    Examples
    --------
    >>> clock = DeviceClock()
    >>> clock.epoch_ns(5_000, arrived_ns=1_700_000_000_000_000_000)
    1700000000000000000
    >>> clock.epoch_ns(6_000, arrived_ns=1_700_000_000_000_900_000)  # came late
    1700000000000001000
    """

    def __init__(self) -> None:
        self.n_steps = 0
        """How often the device restarted, or one of the two clocks was set."""
        self._least: deque[tuple[int, int]] = deque()
        self._offset_ns: int | None = None
        self._last_stamp_ns = 0
        self._slewed_at_ns = 0

    def epoch_ns(self, stamp_ns: int, *, arrived_ns: int) -> int:
        """Return when a sample was taken.

        Parameters
        ----------
        stamp_ns : int
            As the device's clock has it.
        arrived_ns : int
            When it came, nanoseconds since the epoch.
        """
        delay_ns = arrived_ns - stamp_ns
        if self._offset_ns is None or stamp_ns < self._last_stamp_ns - _JUMP_NS:
            self._begin(stamp_ns, delay_ns)
        self._last_stamp_ns = max(self._last_stamp_ns, stamp_ns)
        self._remember(delay_ns)
        self._correct()
        assert self._offset_ns is not None  # set by _begin
        return stamp_ns + self._offset_ns

    def _begin(self, stamp_ns: int, delay_ns: int) -> None:
        if self._offset_ns is not None:
            self.n_steps += 1
        self._offset_ns = delay_ns
        self._least.clear()
        self._last_stamp_ns = self._slewed_at_ns = stamp_ns

    def _remember(self, delay_ns: int) -> None:
        """Keep the least delay of each quarter of a second, for ten seconds of the device's time."""
        bucket = self._last_stamp_ns // _BUCKET_NS
        if self._least and self._least[-1][0] == bucket:
            self._least[-1] = (bucket, min(self._least[-1][1], delay_ns))
        else:
            self._least.append((bucket, delay_ns))
        while (bucket - self._least[0][0]) * _BUCKET_NS > _WINDOW_NS:
            self._least.popleft()

    def _correct(self) -> None:
        assert self._offset_ns is not None
        error_ns = min(least for _, least in self._least) - self._offset_ns
        passed_ns = self._last_stamp_ns - self._slewed_at_ns
        self._slewed_at_ns = self._last_stamp_ns
        if abs(error_ns) > _JUMP_NS:
            self._offset_ns += error_ns
            self.n_steps += 1
        else:
            most_ns = int(_SLEW * passed_ns)
            self._offset_ns += max(-most_ns, min(most_ns, error_ns))

"""When a service is late: how that is told from a device that catches up, and what is said of windows left out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from motif.telemetry import logger

__all__ = ["Pace", "Skipped"]

_LOG = logger(__name__)
_RECENT_S = 10.0


class Pace:
    """Whether the frames of one connection are behind because the service is busy.

    They have waited here for long, and the stream falls behind its own clock. One that sends faster than its time
    goes by, as a recording or what piled up while there was no network, waits here too but loses nothing by it.

    Examples
    --------
    >>> live, replayed = Pace(0.25), Pace(0.25)
    >>> [live.is_late(came_s=s, now_s=s + wait_s, newest_ns=s * 10**9) for s, wait_s in ((1, 0.0), (2, 0.1), (3, 0.5))]
    [False, False, True]
    >>> [replayed.is_late(came_s=1, now_s=s, newest_ns=s * 10**10) for s in (1, 2, 3)]
    [False, False, False]
    """

    def __init__(self, late_s: float) -> None:
        self._late_s = late_s
        self._least_lag_s = float("inf")

    def is_late(self, *, came_s: float, now_s: float, newest_ns: int) -> bool:
        """Return whether a frame is late that came at `came_s` of our clock, with samples up to `newest_ns` of its."""
        lag_s = now_s - newest_ns / 1e9
        self._least_lag_s = min(self._least_lag_s, lag_s)
        return now_s - came_s > self._late_s and lag_s - self._least_lag_s > self._late_s


class Skipped:
    """The windows that were due and not judged.

    Parameters
    ----------
    counter : prometheus Counter
    now_s : callable
        Seconds that never run backward.
    """

    def __init__(self, counter: Any, now_s: Callable[[], float]) -> None:
        self._counter, self._now_s = counter, now_s
        self._recent: deque[tuple[float, int]] = deque()

    def add(self, n_windows: int, stream: str) -> None:
        """Count windows of a stream; the first of some is logged."""
        if not n_windows:
            return
        if not self._of_late():
            _LOG.warning("windows skipped", stream=stream, windows=n_windows, reason="more motion than can be judged")
        self._counter.inc(n_windows)
        now_s = self._now_s()
        if self._recent and now_s - self._recent[-1][0] < 1.0:
            self._recent[-1] = (self._recent[-1][0], self._recent[-1][1] + n_windows)
        else:
            self._recent.append((now_s, n_windows))

    @property
    def status(self) -> str:
        """`ok`, or what was left out in the last seconds."""
        n_windows = self._of_late()
        if not n_windows:
            return "ok"
        what = "1 window" if n_windows == 1 else f"{n_windows} windows"
        return f"behind: {what} of streams skipped in {_RECENT_S:.0f} s"

    def _of_late(self) -> int:
        now_s = self._now_s()
        while self._recent and now_s - self._recent[0][0] > _RECENT_S:
            self._recent.popleft()
        return sum(n for _, n in self._recent)

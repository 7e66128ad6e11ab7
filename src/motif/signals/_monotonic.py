"""What a time base is like, and a copy of it that never runs back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_time
from motif.errors import ConfigError

__all__ = ["MonotonicTime", "TimeReport", "monotonic"]

_NS = 1_000_000_000
_GAP_STEPS = 5  # 50 ms at 100 Hz: shorter than any stroke of a limb, longer than the bursts of a phone
_STEPS_TOGETHER = 16  # a burst of messages evens out over so many steps
_PAUSE_NS = 250_000_000  # phones hold messages back for up to 0.19 s
_MESSAGE_NS = 2_000_000  # below, a typical step is that of messages sent together, not of a sensor


@dataclass(frozen=True, slots=True)
class TimeReport:
    """What a time base is like."""

    n_samples: int
    n_duplicates: int
    """Samples whose time another sample has too."""
    n_backward: int
    """Samples that are earlier than the one before them, in the order of arrival."""
    largest_step_back_s: float
    n_gaps: int
    """Steps longer than `max_gap_s`."""
    longest_gap_s: float
    """The longest step, where it is a gap; otherwise 0."""
    max_gap_s: float
    """What counts as a gap: the wish, or five typical steps."""
    step_s: float
    """The typical step between different times; 0 for fewer than two."""

    @property
    def rate_hz(self) -> float:
        """The typical rate; 0 for fewer than two different times."""
        return 1 / self.step_s if self.step_s else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class MonotonicTime:
    """A time base that never runs back, how to bring samples into its order, and what was found."""

    time_ns: NDArray[np.int64]
    """(n_samples,), ascending; equal times stay side by side."""
    order: NDArray[np.int64]
    """(n_samples,): `values[order]` goes with `time_ns`."""
    report: TimeReport


def monotonic(time_ns: ArrayLike, *, max_gap_s: float | None = None) -> MonotonicTime:
    """Return a copy of a time base to compute with; the raw one stays what the device said.

    Parameters
    ----------
    time_ns : (n_samples,), int
        Nanoseconds, as the device gave them: may repeat or run backward.
    max_gap_s : float, optional
        A longer step counts as a gap; five typical steps where not given.

    Returns
    -------
    MonotonicTime
        The sorted times, the order that sorts, and a `TimeReport`.

    Raises
    ------
    DtypeError, ShapeError
        The times are not whole numbers in one dimension.
    ConfigError
        `max_gap_s` is not above 0.
    InputError
        A time is none, such as pandas' NaT.

    Examples
    --------
    >>> found = monotonic([0, 20_000_000, 10_000_000, 30_000_000])
    >>> found.order.tolist(), found.report.n_backward, found.report.rate_hz
    ([0, 2, 1, 3], 1, 100.0)
    """
    raw = as_time(time_ns)
    if max_gap_s is not None and not max_gap_s > 0:
        raise ConfigError(f"max_gap_s={max_gap_s} cannot be; give seconds above 0, or math.inf to draw across all")
    order = np.argsort(raw, kind="stable")
    ordered = raw[order]
    steps_ns = np.diff(ordered)
    back_ns = -np.diff(raw).clip(max=0)
    step_s = _typical_step_ns(ordered[np.diff(ordered, prepend=ordered[:1] - 1) > 0]) / _NS
    gap_s = _GAP_STEPS * step_s if max_gap_s is None else max_gap_s
    longest_s = int(steps_ns.max(initial=0)) / _NS
    report = TimeReport(
        n_samples=raw.size,
        n_duplicates=int((steps_ns == 0).sum()),
        n_backward=int((back_ns > 0).sum()),
        largest_step_back_s=int(back_ns.max(initial=0)) / _NS,
        n_gaps=int((steps_ns > gap_s * _NS).sum()),
        longest_gap_s=longest_s if longest_s > gap_s else 0.0,
        max_gap_s=gap_s,
        step_s=step_s,
    )
    return MonotonicTime(ordered, order.astype(np.int64), report)


def _typical_step_ns(times: NDArray[np.int64]) -> float:
    """Return the median of the step averaged over a burst: robust against bursts, and against gaps."""
    if times.size < 2:
        return 0.0
    steps = np.diff(times)
    elapsed = np.cumsum(steps[steps <= _pause_ns(steps)]).astype(np.float64)
    elapsed = np.concatenate([[0.0], elapsed])
    together = max(1, min(_STEPS_TOGETHER, elapsed.size // 4))  # a single gap reaches less than half of the averages
    return float(np.median(elapsed[together:] - elapsed[:-together])) / together


def _pause_ns(steps: NDArray[np.int64]) -> float:
    """Return beyond what a step is a pause of the sensor; the wait before a burst is made up for by its short steps."""
    middle = float(np.median(steps))
    if middle < _MESSAGE_NS:
        return np.inf
    made_up_for = (steps < middle / 2).sum() >= (steps > _GAP_STEPS * middle).sum()
    return max(_GAP_STEPS * middle, _PAUSE_NS if made_up_for else 0.0)

"""How behaviour goes on: what share of the time, how often it changes, how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, DtypeError, LabelError, ShapeError, TooFewSamplesError

__all__ = [
    "DwellTimes",
    "checked_streams",
    "dwell_times",
    "motif_count",
    "state_coverage",
    "state_entropy",
    "transition_counts",
    "transition_rate",
]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def checked_streams(name: str, labels: ArrayLike) -> Labels:
    """Return (n, time) labels; a single stream (time,) becomes a row.

    Raises
    ------
    ShapeError, DtypeError, TooFewSamplesError
    """
    streams = np.asarray(labels)
    if streams.ndim not in (1, 2):
        raise ShapeError(name, got=streams.shape, want="(time,) or (n, time), a row for each stream")
    if streams.size == 0:
        raise TooFewSamplesError(f"{name} is empty; a figure needs at least one frame")
    if streams.dtype.kind not in "iu":
        raise DtypeError(name, got=streams.dtype, want="integers, one for each state")
    return np.atleast_2d(streams).astype(np.int64)


def state_entropy(labels: ArrayLike) -> float:
    """Return the entropy of the time spent in each state, nats: 0 for one state, log K for K states alike.

    Parameters
    ----------
    labels : (time,) or (n, time), int

    Examples
    --------
    >>> round(state_entropy([0, 0, 1, 1]), 3)
    0.693
    """
    _, counts = np.unique(checked_streams("labels", labels), return_counts=True)
    shares = counts / counts.sum()
    return float(max(-(shares * np.log(shares)).sum(), 0.0))


def transition_rate(labels: ArrayLike, rate_hz: float = 1.0) -> float:
    """Return how often the state changes, per second; at the default rate of 1, per frame: 0 … 1.

    Parameters
    ----------
    labels : (time,) or (n, time), int
    rate_hz : float
        Frames a second.

    Examples
    --------
    >>> transition_rate([0, 0, 1, 1, 1], rate_hz=10.0)
    2.5
    """
    streams = checked_streams("labels", labels)
    steps = streams.shape[0] * (streams.shape[1] - 1)
    return float((np.diff(streams, axis=1) != 0).sum() / steps * _checked_rate(rate_hz)) if steps else 0.0


def transition_counts(labels: ArrayLike, states: Sequence[int] | None = None) -> Labels:
    """Return (states, states), how often what followed what; the diagonal is 0, as a state does not follow itself.

    Parameters
    ----------
    labels : (time,) or (n, time), int
    states : optional
        Which states the rows are of, in which order; by default those that occur, sorted.

    Raises
    ------
    LabelError
        A label is not among `states`.
    """
    streams = checked_streams("labels", labels)
    known = np.unique(streams) if states is None else np.asarray(states, np.int64)
    order = np.argsort(known)
    place = np.searchsorted(known[order], streams).clip(max=len(known) - 1)
    codes = order[place]
    if (strange := streams[known[codes] != streams]).size:
        raise LabelError(f"labels hold state {strange[0]}; the states are {known.tolist()}")
    before, after = codes[:, :-1].ravel(), codes[:, 1:].ravel()
    changed = before != after
    return np.bincount(before[changed] * len(known) + after[changed], minlength=len(known) ** 2).reshape(-1, len(known))


@dataclass(frozen=True, slots=True, eq=False)
class DwellTimes:
    """Every segment of one state, and how long it lasted."""

    states: Labels
    """(segments,), which state."""
    lengths_s: Array
    """(segments,), how long."""
    complete: NDArray[np.bool_]
    """(segments,); False where the recording began or ended within the segment, which lasted longer."""

    @property
    def mean_s(self) -> float:
        """Mean over all segments, cut ones too."""
        return float(self.lengths_s.mean())

    @property
    def median_s(self) -> float:
        """Median over all segments, cut ones too."""
        return float(np.median(self.lengths_s))

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each state: segments, mean, median, shortest, longest and share of the time."""
        return [self._row(int(state)) for state in np.unique(self.states)]

    def _row(self, state: int) -> dict[str, Any]:
        lengths = self.lengths_s[self.states == state]
        return {
            "state": state,
            "segments": len(lengths),
            "mean_s": float(lengths.mean()),
            "median_s": float(np.median(lengths)),
            "shortest_s": float(lengths.min()),
            "longest_s": float(lengths.max()),
            "share": float(lengths.sum() / self.lengths_s.sum()),
        }


def dwell_times(labels: ArrayLike, rate_hz: float = 1.0) -> DwellTimes:
    """Return how long each segment lasted, in seconds; at the default rate of 1, in frames.

    Parameters
    ----------
    labels : (time,) or (n, time), int
        A segment never spans two rows.
    rate_hz : float
        Frames a second.

    Examples
    --------
    >>> found = dwell_times([0, 0, 1, 1, 1, 0])
    >>> found.states.tolist(), found.lengths_s.tolist(), found.complete.tolist()
    ([0, 1, 0], [2.0, 3.0, 1.0], [False, True, False])
    """
    streams, rate = checked_streams("labels", labels), _checked_rate(rate_hz)
    n, length = streams.shape
    begins = np.ones((n, length), dtype=bool)
    begins[:, 1:] = np.diff(streams, axis=1) != 0
    starts = np.flatnonzero(begins)
    stops = np.append(starts[1:], n * length)
    complete = (starts % length != 0) & (stops % length != 0)
    return DwellTimes(streams.ravel()[starts], (stops - starts) / rate, complete)


def motif_count(labels: ArrayLike, min_segments: int = 1) -> int:
    """Return how many states occur in at least `min_segments` segments: 2 counts only what came back."""
    if min_segments < 1:
        raise ConfigError(f"min_segments is {min_segments}; want 1 or more")
    _, segments = np.unique(dwell_times(labels).states, return_counts=True)
    return int((segments >= min_segments).sum())


def state_coverage(labels: ArrayLike, states: ArrayLike) -> float:
    """Return the share of `states` that occur in `labels` at least once, 0 … 1.

    Raises
    ------
    TooFewSamplesError
        There are no states.

    Examples
    --------
    >>> state_coverage([0, 0, 2], states=[0, 1, 2, 3])
    0.5
    """
    wanted = np.unique(np.asarray(states))
    if not wanted.size:
        raise TooFewSamplesError("states is empty; name the states that could occur")
    return float(np.isin(wanted, checked_streams("labels", labels)).mean())


def _checked_rate(rate_hz: float) -> float:
    if not (rate_hz > 0 and np.isfinite(rate_hz)):
        raise ConfigError(f"rate_hz is {rate_hz}; want frames a second, above 0")
    return float(rate_hz)

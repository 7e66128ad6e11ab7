"""Readings made safe: impossible values mended or left out, time that only goes forward, each sample once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motif.recordings import Readings
from motif.telemetry import Registry

__all__ = ["Cleaned", "Sanitizer"]

_LARGEST = {"acc": 314.0, "linear_acc": 314.0, "gravity": 20.0, "gyr": 70.0, "mag": 5000.0, "quat": 1.01}
"""m/s², rad/s, µT: the widest ranges of sensors in phones and wearables; twice gravity, and a little over a unit."""
_LARGEST_ELSE = 1e15
_JUMP_NS = 5_000_000_000
"""A clock that steps further went wrong, or was set: one such sample is left out, more are followed."""
_MENDED = 2
"""So many bad samples in a row are drawn over, between good ones."""
_N_STREAMS = 4096


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of readings, and how many of their samples were not good as they came."""

    readings: Readings
    n_came: int
    n_mended: int


@dataclass(slots=True)
class _Time:
    last_ns: int | None = None
    candidate_ns: int | None = None
    """Where the clock may have jumped to."""


class Sanitizer:
    """Cleans readings of any number of sensors; what it did is counted in `registry`.

    Parameters
    ----------
    registry : Registry
        Gets `left out: …` and `mended`, in samples.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._times: OrderedDict[tuple[str, str, tuple[str, ...]], _Time] = OrderedDict()

    def clean(self, readings: Readings) -> Cleaned | None:
        """Return what can be used, or None where nothing can."""
        if not readings.n_samples:
            return Cleaned(readings, 0, 0) if readings.annotations else None
        values, kept, n_mended = self._values(readings)
        kept &= self._forward(readings, kept)
        if not kept.any():
            return None
        if kept.all() and values is readings.values:
            return Cleaned(readings, readings.n_samples, 0)
        clean = replace(readings, time_ns=readings.time_ns[kept], values=values[kept])
        return Cleaned(clean, readings.n_samples, n_mended)

    def _values(self, readings: Readings) -> tuple[NDArray[np.float64], NDArray[np.bool_], int]:
        """Return values without impossible ones, which rows are good or mended, and how many were mended."""
        stems = [channel.rpartition("_")[0] for channel in readings.channels]
        values = readings.values
        kept = np.ones(len(values), dtype=bool)
        possible = abs(values) <= [_LARGEST.get(stem, _LARGEST_ELSE) for stem in stems]  # NaN is not
        if possible.all():
            return values, kept, 0
        missing = np.isnan(values)
        self._count("not a number", int((missing & ~possible).any(axis=1).sum()))
        self._count("impossible", int((~missing & ~possible).any(axis=1).sum()))
        values = np.where(possible, values, np.nan)
        if not all(stem in _LARGEST for stem in stems):
            return values, kept, 0  # a hand that is out of sight, a key that is not always there: gaps are meant
        bad = np.asarray(~possible.all(axis=1))
        mended = bad & ~_in_long_run(bad)
        good = np.flatnonzero(~bad)
        n_mended = int(mended.sum())
        if n_mended:
            self._registry.count("mended", n_mended)
            for column in values.T:
                column[mended] = np.interp(np.flatnonzero(mended), good, column[good])
        return values, ~bad | mended, n_mended

    def _forward(self, readings: Readings, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which rows carry time forward."""
        stream = (readings.device, readings.session, readings.channels)
        time = self._times.setdefault(stream, _Time())
        self._times.move_to_end(stream)
        if len(self._times) > _N_STREAMS:
            self._times.popitem(last=False)
        times = readings.time_ns
        steps = np.diff(times, prepend=times[0] - 1 if time.last_ns is None else time.last_ns)
        if kept.all() and (steps > 0).all() and (steps <= _JUMP_NS).all():
            time.last_ns, time.candidate_ns = int(times[-1]), None
            return kept
        reasons = [
            self._step(time, int(t)) if use else "" for t, use in zip(times.tolist(), kept.tolist(), strict=True)
        ]
        for reason in set(reasons) - {""}:
            self._count(reason, reasons.count(reason))
        return np.array([not reason for reason in reasons])

    def _step(self, time: _Time, now_ns: int) -> str:
        """Return why a sample is left out, or nothing."""
        step_ns = 1 if time.last_ns is None else now_ns - time.last_ns
        if 0 < step_ns <= _JUMP_NS:
            time.last_ns, time.candidate_ns = now_ns, None
            return ""
        if step_ns == 0:
            return "duplicate"
        if -_JUMP_NS <= step_ns < 0:
            return "time backward"
        if time.candidate_ns is not None and 0 < now_ns - time.candidate_ns <= _JUMP_NS:
            self._registry.count("clock jumps")
            time.last_ns, time.candidate_ns = now_ns, None
            return ""
        time.candidate_ns = now_ns
        return "stray time"

    def _count(self, reason: str, n: int) -> None:
        if n:
            self._registry.count(f"left out: {reason}", n)


def _in_long_run(bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark bad rows that cannot be drawn over: too many in a row, or at an end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]])))
    marked = np.zeros(len(bad), dtype=bool)
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start > _MENDED or start == 0 or stop == len(bad):
            marked[start:stop] = True
    return marked

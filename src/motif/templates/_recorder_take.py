"""One take of a gesture while it is recorded: a bounded buffer, its quality, and what the take comes to."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motif.errors import TooFewSamplesError
from motif.recordings import Aligner, Readings, unit_of
from motif.signals import Quality, fill_gaps, quality, stretches

__all__ = ["Take", "sensor_channels"]

RATE_HZ = 100.0
LANDMARK_RATE_HZ = 30.0
_MAX_FILLED_S = 0.25
_RECENT_SAMPLES = 200
_MOMENT_NS = 500_000_000
"""An aligner waits longer for a sensor that is behind the others."""


class Take:
    """Readings of one device, the latest `capacity_samples` of them.

    Parameters
    ----------
    capacity_samples : int
        Beyond it the oldest are dropped, and counted in `n_dropped`.
    """

    def __init__(self, capacity_samples: int = 20_000) -> None:
        self.device: str | None = None
        self.n_samples = 0
        """Samples that are held."""
        self.n_dropped = 0
        self._capacity = capacity_samples
        self._held: deque[Readings] = deque()

    def add(self, readings: Readings) -> bool:
        """Take readings; those of another device than the first are refused."""
        if self.device is None:
            self.device = readings.device
        if readings.device != self.device:
            return False
        self._held.append(readings)
        self.n_samples += readings.n_samples
        while self.n_samples > self._capacity and len(self._held) > 1:
            oldest = self._held.popleft()
            self.n_samples -= oldest.n_samples
            self.n_dropped += oldest.n_samples
        return True

    def quality(self, *, recent: bool = False) -> float:
        """Return 0…1: how far the worst sensor can be trusted, times what the source itself says of its readings.

        A sensor that a sample keeps nothing of, such as a magnetometer, doesn't count. `recent` looks at about the last
        two seconds alone.
        """
        return self.worst(recent=recent)[0]

    def worst(self, *, recent: bool = False) -> tuple[float, str]:
        """Return `quality`, and which sensor it is of and why: `gyr: flat, gaps`."""
        found = []
        for channels, (time_ns, values, trust) in self._sensors(_RECENT_SAMPLES if recent else None).items():
            order = np.argsort(time_ns, kind="stable")
            known = _judged(channels, time_ns[order], values[order])
            reasons = [*known.reasons, *(["what the source says of it"] if trust < 1 else [])]
            stems = dict.fromkeys(name.rpartition("_")[0] for name in channels[:9])
            found.append((float(trust * known.score), f"{' '.join(stems)}: {', '.join(reasons)}"))
        return min(found, default=(0.0, "nothing came"))

    def rows(self) -> tuple[tuple[str, ...], float, NDArray[np.int64], NDArray[np.float64]]:
        """Return channels, rate, times (n,) and values (n, n_channels) on one grid, without gaps.

        The order in which readings came does not show.

        Raises
        ------
        TooFewSamplesError
            No stretch of it has all its sensors.
        """
        moments = self._moments()
        channels, rate_hz = sensor_channels(_seen(moments))
        aligner = Aligner(channels, rate_hz=rate_hz, max_gap_s=_MAX_FILLED_S if rate_hz >= RATE_HZ else 0.5)
        pieces = [aligner.push(readings) for readings in moments]
        pieces.append(aligner.flush())
        time_ns = np.concatenate([piece[0] for piece in pieces])
        values = np.concatenate([piece[1] for piece in pieces])
        jumps = np.flatnonzero(np.diff(time_ns) > 1.5e9 / rate_hz) + 1
        parts = zip(np.split(time_ns, jumps), np.split(values, jumps), strict=True)
        time_ns, values = max((_longest_whole(*part, rate_hz) for part in parts), key=lambda part: len(part[0]))
        if not len(values):
            raise TooFewSamplesError("no moment of the take has all sensors; are the permissions on, all at one rate?")
        return channels, rate_hz, time_ns, values

    def _moments(self) -> list[Readings]:
        """Return what is held in the order of time, however late it came: moment by moment, sensor by sensor.

        Sensors stand by name: acc before linear_acc and gravity, so that these stand in for it only where it is silent.
        """
        held: dict[tuple[str, ...], list[Readings]] = {}
        for readings in self._held:
            held.setdefault(readings.channels, []).append(readings)
        moments = [moment for parts in held.values() for moment in _cut(_in_time(parts))]
        return sorted(moments, key=lambda moment: (int(moment.time_ns[0]) // _MOMENT_NS, moment.channels))

    def _sensors(
        self, n_recent: int | None
    ) -> dict[tuple[str, ...], tuple[NDArray[np.int64], NDArray[np.float64], float]]:
        held: dict[tuple[str, ...], list[Readings]] = {}
        counts: Counter[tuple[str, ...]] = Counter()
        needed = _needed(_seen(self._held))
        for readings in reversed(self._held):
            if needed.isdisjoint(readings.channels):
                continue
            if n_recent is None or counts[readings.channels] < n_recent:
                held.setdefault(readings.channels, []).append(readings)
                counts[readings.channels] += readings.n_samples
        return {
            channels: (
                np.concatenate([each.time_ns for each in reversed(parts)]),
                np.concatenate([each.values for each in reversed(parts)]),
                float(np.average([each.quality for each in parts], weights=[each.n_samples for each in parts])),
            )
            for channels, parts in held.items()
        }


def sensor_channels(seen: Sequence[str]) -> tuple[tuple[str, ...], float]:
    """Return the channels a sample keeps of those that were seen, and the rate of its grid.

    Specific force and angular rate where a device gives them; else all there is, such as the landmarks of a hand.
    """
    stems = {name.rpartition("_")[0] for name in seen}
    found = []
    if "acc" in stems or {"linear_acc", "gravity"} <= stems:
        found.append("acc")
    elif "linear_acc" in stems:
        found.append("linear_acc")
    if "gyr" in stems:
        found.append("gyr")
    if found:
        return tuple(f"{stem}_{axis}" for stem in found for axis in "xyz"), RATE_HZ
    hand = any(name.startswith("hand_") for name in seen)
    return tuple(seen), LANDMARK_RATE_HZ if hand else RATE_HZ


def _judged(channels: Sequence[str], time_ns: NDArray[np.int64], values: NDArray[np.float64]) -> Quality:
    """Return how far one sensor can be trusted, and why not further. What is still by its nature is no fault of it."""
    units = [unit_of(name) for name in channels]
    found = quality(values, time_ns=time_ns, units=units)
    steady = np.array([name.startswith("gravity_") for name in channels])
    steady |= ~np.nan_to_num(values).any(axis=0) & np.array([not unit for unit in units])  # landmarks carry zeros
    if steady.all():
        shares = {reason: found.shares[reason] for reason in ("missing", "gaps", "jitter")}
        return Quality((1 - shares["missing"]) * (1 - shares["gaps"]) * (1 - shares["jitter"] / 2), shares)
    if steady.any():
        kept = [unit for unit, still in zip(units, steady, strict=True) if not still]
        return quality(values[:, ~steady], time_ns=time_ns, units=kept)
    return found


def _needed(seen: Sequence[str]) -> set[str]:
    """Return the channels that make those of a sample."""
    kept = set(sensor_channels(seen)[0])
    if "acc_x" in kept and "acc_x" not in seen:
        kept |= {f"{stem}_{axis}" for stem in ("linear_acc", "gravity") for axis in "xyz"}
    return kept


def _seen(held: Iterable[Readings]) -> list[str]:
    return list(dict.fromkeys(channel for readings in held for channel in readings.channels))


def _in_time(parts: Sequence[Readings]) -> Readings:
    """Return the readings of one sensor as one, in the order of time; of equal times in the order they came."""
    time_ns = np.concatenate([each.time_ns for each in parts])
    order = np.argsort(time_ns, kind="stable")
    values = np.concatenate([each.values for each in parts])
    return replace(parts[0], time_ns=time_ns[order], values=values[order])


def _cut(sensor: Readings) -> Iterator[Readings]:
    """Yield the readings of each moment, an empty one never."""
    starts = np.flatnonzero(np.diff(sensor.time_ns // _MOMENT_NS)) + 1
    for time_ns, values in zip(np.split(sensor.time_ns, starts), np.split(sensor.values, starts), strict=True):
        if len(time_ns):
            yield replace(sensor, time_ns=time_ns, values=values)


def _longest_whole(
    time_ns: NDArray[np.int64], values: NDArray[np.float64], rate_hz: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the longest run of rows with all channels, short gaps filled; no row where there is none."""
    whole = np.flatnonzero(~np.isnan(values).any(axis=1))
    if not whole.size:
        return time_ns[:0], values[:0]
    inside = slice(whole[0], whole[-1] + 1)
    time_ns, values = time_ns[inside], fill_gaps(values[inside], max_samples=round(_MAX_FILLED_S * rate_hz))
    runs = stretches(np.asarray(~np.isnan(values).any(axis=1)))
    start, stop = max(runs.tolist(), key=lambda run: run[1] - run[0])
    return time_ns[start:stop], values[start:stop]

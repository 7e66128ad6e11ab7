"""How much came, from which sensor, how fast, and how long ago."""

from __future__ import annotations

from collections import OrderedDict, deque

from motif.recordings import Readings

__all__ = ["RateMeter", "sensor_of"]

_WINDOW_NS = 5_000_000_000
_SLOT_NS = 100_000_000
_SILENT_NS = 3_000_000_000


def sensor_of(channels: tuple[str, ...]) -> str:
    """Return what readings of these channels are called: `acc`, `acc+gyr`, `hand`."""
    if channels[:1] == ("wrist_x",):  # the 84 channels of a hand's landmarks
        return "hand"
    stems = [channel.rpartition("_")[0] or channel for channel in channels]
    return "+".join(dict.fromkeys(stems))


class RateMeter:
    """Counts readings by device and sensor; memory is bounded, the longest silent ones are forgotten.

    Parameters
    ----------
    n_streams : int
        How many sensors, of all devices together, are followed at most.
    """

    def __init__(self, n_streams: int = 4096) -> None:
        self.received = 0
        self.last_ns: int | None = None
        self._n_streams = n_streams
        self._slots: OrderedDict[tuple[str, str], deque[list[int]]] = OrderedDict()

    def saw(self, readings: Readings, now_ns: int) -> None:
        """Count readings that came at `now_ns` of the source's clock."""
        self.received += readings.n_samples
        self.last_ns = now_ns
        if not readings.n_samples:
            return
        stream = (readings.device, sensor_of(readings.channels))
        slots = self._slots.setdefault(stream, deque())
        self._slots.move_to_end(stream)
        if len(self._slots) > self._n_streams:
            self._slots.popitem(last=False)
        if slots and now_ns - slots[-1][0] < _SLOT_NS:
            slots[-1][1] += readings.n_samples
        else:
            slots.append([now_ns, readings.n_samples])
        while slots[0][0] < now_ns - _WINDOW_NS:
            slots.popleft()

    def last_seen_s(self, now_ns: int) -> float | None:
        """Return the age of the last reading, or None."""
        return None if self.last_ns is None else (now_ns - self.last_ns) / 1e9

    def rates(self, now_ns: int) -> dict[str, float]:
        """Return each sensor's rate over the last seconds, in Hz; 0 for one that fell silent."""
        several = len({device for device, _ in self._slots}) > 1
        return {
            f"{device}/{sensor}" if several else sensor: _rate_hz(slots, now_ns)
            for (device, sensor), slots in sorted(self._slots.items(), key=lambda item: item[0][0])
        }


def _rate_hz(slots: deque[list[int]], now_ns: int) -> float:
    """Samples of all slots but the last, over the time between first and last: right for batches and for singles.

    The first slot is left out where there are others: after a pause it holds what was kept back meanwhile.
    """
    if now_ns - slots[-1][0] > _SILENT_NS:
        return 0.0
    _, *later = slots
    times_ns, counts = zip(*(later if len(later) > 1 else slots), strict=True)
    span_s = (times_ns[-1] - times_ns[0]) / 1e9
    return sum(counts[:-1]) / span_s if span_s else float(sum(counts))

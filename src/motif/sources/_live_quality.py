"""How far a stream can be trusted just now: what was left out, what is missing in time, whether it still moves.

`motif.signals.quality` judges a whole stretch with care; this is its quick cousin, for each reading as it comes.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from motif.sources._sanitize import Cleaned

__all__ = ["LiveQuality"]

_MEMORY = 50
"""Samples after which a new state of things counts for most."""
_STUCK = 50
"""Samples without any change that no sensor of motion gives, even at rest."""
_MOVING = ("acc", "linear_acc", "gyr", "mag")
_N_STREAMS = 4096


@dataclass(slots=True)
class _Stream:
    score: float | None = None
    step_ns: float = 0.0
    last_ns: int = 0
    last_row: bytes = b""
    n_same: int = 0


class LiveQuality:
    """Scores readings, 0 (useless) … 1; remembers the last second or so of each sensor."""

    def __init__(self) -> None:
        self._streams: OrderedDict[tuple[str, tuple[str, ...]], _Stream] = OrderedDict()

    def score(self, cleaned: Cleaned) -> float:
        """Return the quality of readings, with what came before them."""
        readings = cleaned.readings
        if not readings.n_samples:
            return readings.quality
        name = (readings.device, readings.channels)
        stream = self._streams.setdefault(name, _Stream())
        self._streams.move_to_end(name)
        if len(self._streams) > _N_STREAMS:
            self._streams.popitem(last=False)
        good = (readings.n_samples - 0.5 * cleaned.n_mended) / cleaned.n_came
        now = good * _in_time(stream, cleaned) * float(np.isfinite(readings.values).mean())
        weight = min(1.0, cleaned.n_came / _MEMORY)
        stream.score = now if stream.score is None else stream.score + weight * (now - stream.score)
        return max(0.0, min(1.0, stream.score * (0.5 if _is_stuck(stream, cleaned) else 1.0) * readings.quality))


def _in_time(stream: _Stream, cleaned: Cleaned) -> float:
    """Return the share of samples that came, of those that should have."""
    times = cleaned.readings.time_ns
    steps = np.diff(times, prepend=stream.last_ns) if stream.last_ns else np.diff(times)
    stream.last_ns = int(times[-1])
    if not steps.size:
        return 1.0
    typical = float(np.median(steps))
    stream.step_ns = typical if not stream.step_ns else stream.step_ns + 0.1 * (typical - stream.step_ns)
    expected = max(1.0, stream.step_ns)
    n_lost = float(np.where(steps > 1.5 * expected, steps / expected - 1, 0.0).sum())
    return steps.size / (steps.size + n_lost)


def _is_stuck(stream: _Stream, cleaned: Cleaned) -> bool:
    readings = cleaned.readings
    if readings.channels[0].rpartition("_")[0] not in _MOVING:
        return False
    last = readings.values[-1].tobytes()
    still = bool((readings.values == readings.values[-1]).all())
    stream.n_same = readings.n_samples + (stream.n_same if last == stream.last_row else 0) if still else 0
    stream.last_row = last
    return stream.n_same >= _STUCK

"""`Engine`: readings in, events out. No clock, socket or thread inside, so a replay equals the live run."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.live._config import EngineConfig
from motif.live._event import Event
from motif.live._listener import Hearing, Listener, Told, hearing
from motif.live._windows import WindowListener
from motif.recordings import Aligner, Readings

__all__ = ["Engine"]

_ROUNDING_NS = 1.5  # of grid times; any other step is the beginning of a new stretch


class Engine:
    """Tells gestures in the readings of any number of devices, each by itself.

    The events depend on the readings of a device and their order alone: not on how they were chopped, on what other
    devices did, or on when `step` was called.

    Parameters
    ----------
    recognizer : motif.templates.Spotter, a fitted recognizer or a bundle
        A spotter (it has `step` and `flush`) finds gestures by itself. Of a recognizer of windows, some windows in a
        row must agree.
    config : EngineConfig, optional

    Raises
    ------
    ConfigError
        The recognizer is not fitted, or its windows do not fit the channels.
    """

    def __init__(self, recognizer: Any, config: EngineConfig | None = None) -> None:
        self.config = config or EngineConfig()
        self._hearing = hearing(recognizer, self.config)
        self._devices: dict[str, _Device] = {}

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels it listens to."""
        return self._hearing.channels

    @property
    def rate_hz(self) -> float:
        """The rate of its grid."""
        return self._hearing.rate_hz

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that are followed, the one heard last at the end."""
        return tuple(self._devices)

    def missing(self, device: str) -> tuple[str, ...]:
        """Return the channels that a device does not give at present."""
        followed = self._devices.get(device)
        return followed.aligner.missing if followed else self.channels

    def step(self, readings: Readings | Iterable[Readings]) -> list[Event]:
        """Take readings; return the events that were decided on them, in order."""
        batch = [readings] if isinstance(readings, Readings) else readings
        return [event for each in batch for event in self._followed(each.device).step(each)]

    def catch_up(self, readings: Iterable[Readings]) -> tuple[list[Event], int]:
        """Take readings that have waited too long, as `step` does; of each device judge the newest window alone.

        Returns
        -------
        events : list of Event
        n_skipped : int
            How many windows were due and not judged. A spotter skips nothing.
        """
        waited: dict[str, list[Readings]] = {}
        for each in readings:
            waited.setdefault(each.device, []).append(each)
        found = [self._followed(name).catch_up(own) for name, own in waited.items()]
        return [event for events, _ in found for event in events], sum(n_skipped for _, n_skipped in found)

    def flush(self) -> list[Event]:
        """End all streams; return the gestures that were under way."""
        events = [event for device in self._devices.values() for event in device.flush()]
        self._devices.clear()
        return events

    def use(self, recognizer: Any, config: EngineConfig | None = None) -> None:
        """Go on with another recognizer, as after teaching; what was under way is forgotten.

        Raises
        ------
        ConfigError
            As for a new engine; the one in use stays.
        """
        config = config or self.config
        self._hearing, self.config = hearing(recognizer, config), config
        self._devices.clear()

    def _followed(self, name: str) -> _Device:
        device = self._devices.pop(name, None) or _Device(name, self._hearing, self.config)
        self._devices[name] = device  # at the end: the first is the one not heard for longest
        if len(self._devices) > self.config.max_devices:
            del self._devices[next(iter(self._devices))]
        return device


@dataclass(slots=True, init=False)
class _Device:
    """One device: its grid, its listener, and when its last row was."""

    aligner: Aligner
    _name: str
    _listener: Listener
    _step_ns: float
    _last_ns: int | None
    _min_confidence: float

    def __init__(self, name: str, hearing: Hearing, config: EngineConfig) -> None:
        self.aligner = Aligner(
            hearing.channels,
            hearing.rate_hz,
            config.max_gap_s,
            max_late_s=config.max_late_s,
            max_skew_s=config.max_skew_s,
        )
        self._name, self._listener = name, hearing.listener()
        self._step_ns, self._last_ns = 1e9 / hearing.rate_hz, None
        self._min_confidence = config.min_confidence

    def step(self, readings: Readings) -> list[Event]:
        return self._events(self._heard(*self.aligner.push(readings)))

    def catch_up(self, readings: Sequence[Readings]) -> tuple[list[Event], int]:
        listener = self._listener
        if not isinstance(listener, WindowListener):
            return [event for each in readings for event in self.step(each)], 0
        rows = [self.aligner.push(each) for each in readings]
        told: list[Told] = []
        n_skipped = 0
        for times, values, is_new in self._stretches(*map(np.concatenate, zip(*rows, strict=True))):
            if is_new:
                listener.flush()
            found, n_more = listener.catch_up(times, values)
            told += found
            n_skipped += n_more
        return self._events(told), n_skipped

    def flush(self) -> list[Event]:
        return self._events([*self._heard(*self.aligner.flush()), *self._listener.flush()])

    def _heard(self, times: NDArray[np.int64], values: NDArray[np.float64]) -> list[Told]:
        told: list[Told] = []
        for piece, rows, is_new in self._stretches(times, values):
            if is_new:
                told += self._listener.flush()
            told += self._listener.step(piece, rows)
        return told

    def _stretches(
        self, times: NDArray[np.int64], values: NDArray[np.float64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], bool]]:
        """Yield rows that follow each other, and whether they do not follow those before them."""
        if not len(times):
            return
        breaks = self._breaks(times)
        for start, stop in itertools.pairwise(sorted({0, *breaks, len(times)})):
            yield times[start:stop], values[start:stop], start in breaks

    def _breaks(self, times: NDArray[np.int64]) -> list[int]:
        """Return the rows that do not follow the one before them."""
        first_ns, before_ns = int(times[0]), self._last_ns
        self._last_ns = int(times[-1])
        follows = before_ns is None or abs(first_ns - before_ns - self._step_ns) <= _ROUNDING_NS
        breaks = [] if follows else [0]
        if len(times) > 1:
            odd = np.abs(times[1:] - times[:-1] - self._step_ns) > _ROUNDING_NS
            breaks += [int(row) + 1 for row in np.flatnonzero(odd)]
        return breaks

    def _events(self, told: Sequence[Told]) -> list[Event]:
        return [
            Event(
                gesture=str(each.label),
                device=self._name,
                start_ns=each.start_ns,
                end_ns=each.end_ns,
                decided_ns=each.decided_ns,
                confidence=each.confidence,
                outlier_score=each.outlier_score,
            )
            for each in told
            if each.confidence >= self._min_confidence
        ]

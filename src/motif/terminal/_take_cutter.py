"""A take cut out of a stream by the device's own time: a phone that gathers its samples sends them late."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from motif.recordings import Readings
    from motif.sources import Clock
    from motif.templates import GestureRecorder

__all__ = ["TakeCutter"]

_RECENT_READINGS = 20
"""Of each device; the quickest of them says what time the device has."""
_MOST_DEVICES = 256
_PATIENCE_S = 1.5
_TICK_S = 0.05


class TakeCutter:
    """Gives a recorder what a device measured from now on for so long, whenever that comes.

    The clock of a device may be anywhere. A sample arrives when it was taken or later, so the largest of `time of the
    newest sample − arrival` is how far the device's clock is ahead of ours, up to the quickest delay on the way. What
    has arrived is never later than what this gives for now, so nothing from before needs to be kept.

    Parameters
    ----------
    recorder : GestureRecorder
    clock : Clock
        Of arrivals, and what is waited by.
    """

    def __init__(self, recorder: GestureRecorder, clock: Clock) -> None:
        self.has_heard = asyncio.Event()
        """Set by the first sample."""
        self._recorder, self._clock = recorder, clock
        self._ahead_ns: dict[str, deque[int]] = {}
        self._sensors: set[tuple[str, ...]] = set()
        self._awaited: set[tuple[str, ...]] = set()
        self._began_ns = self._length_ns = 0
        self._starts_ns: dict[str, int] = {}

    @property
    def whose(self) -> str:
        """Whose motion the last take is of, as `, from ann`; empty while one device alone was ever heard."""
        name = "".join(letter for letter in self._recorder.device if letter.isprintable())
        return f", from {name}" if len(self._ahead_ns) > 1 else ""

    def hear(self, readings: Readings) -> None:
        """Take note of what came, also between takes; what lies within a take goes to the recorder."""
        if not readings.n_samples:
            return
        self.has_heard.set()
        newest_ns = int(readings.time_ns.max())
        ahead_ns = self._ahead_ns.pop(readings.device, deque(maxlen=_RECENT_READINGS))
        ahead_ns.append(newest_ns - self._clock.time_ns())
        self._ahead_ns[readings.device] = ahead_ns  # at the end: the first is the one silent longest
        sensor = (readings.device, *readings.channels)
        self._sensors.add(sensor)
        if len(self._ahead_ns) > _MOST_DEVICES:
            self._forget(next(iter(self._ahead_ns)))
        if not self._length_ns:
            return
        start_ns = self._starts_ns.setdefault(readings.device, self._began_ns + max(ahead_ns))
        stop_ns = start_ns + self._length_ns
        inside = (readings.time_ns >= start_ns) & (readings.time_ns < stop_ns)
        if inside.any():
            part = replace(readings, time_ns=readings.time_ns[inside], values=readings.values[inside])
            self._recorder.add_sensor_reading(part)
        if newest_ns >= stop_ns:
            self._awaited.discard(sensor)

    def _forget(self, device: str) -> None:
        del self._ahead_ns[device]
        self._sensors = {sensor for sensor in self._sensors if sensor[0] != device}

    @asynccontextmanager
    async def cutting(self, gesture: str, seconds: float, *, keep: bool = True) -> AsyncIterator[None]:
        """Record from now on, and after the block until every sensor has sent what it measured in these `seconds`.

        Sensors that send no more are waited for 1.5 s. The recorder is to be stopped by the caller; where the block is
        left by an error or cancelled, the take is given up.
        """
        self._recorder.start_recording(gesture, keep=keep)
        self._began_ns, self._length_ns = self._clock.time_ns(), round(seconds * 1e9)
        self._starts_ns = {device: self._began_ns + max(ahead_ns) for device, ahead_ns in self._ahead_ns.items()}
        self._awaited, self._sensors = self._sensors, set()
        try:
            yield
            patient_until_ns = self._clock.time_ns() + round(_PATIENCE_S * 1e9)
            while self._awaited and self._clock.time_ns() < patient_until_ns:
                await self._clock.sleep(_TICK_S)
        except BaseException:
            self._recorder.discard()
            raise
        finally:
            self._length_ns = 0

"""What both ways of Sensor Logger share: from a message's bytes to readings in the buffer, and what to say of it."""

from __future__ import annotations

from abc import ABC
from collections import Counter, OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from motif.errors import FormatError
from motif.sources._buffered import BufferedSource
from motif.sources._device_signs import DeviceSigns, Platform
from motif.sources._interleaved import interleaved
from motif.sources._message_order import MessageOrder
from motif.sources._sensor_logger_message import Message, parse_message
from motif.sources._sensor_logger_streams import Streams
from motif.telemetry import Registry

if TYPE_CHECKING:
    from motif.recordings import Readings
    from motif.sources._clock import Clock

__all__ = ["SensorLoggerSource"]

_N_DEVICES = 2048
_ACTIVE_NS = 10_000_000_000
_STILL_ZERO = 10
_WORN = {"wristmotion", "headphone"}
_WANTED = (
    ("accelerometer missing", {"accelerometer", "accelerometeruncalibrated", "totalacceleration"} | _WORN),
    ("gravity missing", {"gravity", "accelerometeruncalibrated", "totalacceleration"} | _WORN),
    ("gyroscope missing", {"gyroscope", "gyroscopeuncalibrated"} | _WORN),
)
"""What a person wants to know of, and the sensors any of which will do."""


class SensorLoggerSource(BufferedSource, ABC):
    """Messages of the Sensor Logger app, in their order, each once, as readings in motif's units and signs.

    Parameters
    ----------
    name : str
    platform : {"android", "ios", "standardised"}, optional
        Whose signs the phones have; unknown ones are taken for Android's until they are checked on a table.
    signs_file : path, optional
        Where checked signs are kept.
    reorder_s : s
        How long a message waits for one before it that has not come; 0 hands everything on as it comes.
    clock, capacity_samples
        See `BufferedSource`.
    """

    def __init__(
        self,
        name: str,
        *,
        platform: Platform | None = None,
        signs_file: str | Path | None = None,
        reorder_s: float = 0.5,
        clock: Clock | None = None,
        capacity_samples: int = 200_000,
    ) -> None:
        super().__init__(name, clock=clock, capacity_samples=capacity_samples)
        self.signs = DeviceSigns(platform, signs_file)
        """The sign of each device; `signs.checked(device, -1)` sets one."""
        self.registry = Registry()
        """Counters and timings of what came."""
        self._order: MessageOrder[Message] = MessageOrder(reorder_s)
        self._reorder_s = reorder_s
        self._streams = Streams(self.signs)
        self._active: OrderedDict[str, int] = OrderedDict()
        self._zeros: dict[tuple[str, str], str] = {}

    def _parse(self, body: bytes) -> Message:
        """Read a message, and count it.

        Raises
        ------
        FormatError
            It is not one of Sensor Logger.
        """
        self.registry.count("messages")
        self.registry.count("bytes", len(body))
        try:
            with self.registry.time("parse"):
                return parse_message(body)
        except FormatError:
            self.registry.count("messages.refused")
            raise

    def _take(self, message: Message) -> None:
        """Put a message in its place, and hand on what is in order."""
        if message.number is None:
            self._hand_on([message])
        else:
            key = (message.device, message.session)
            self._hand_on(self._order.push(key, message.number, message, self._clock.time_ns()))

    def _hand_on(self, messages: list[Message]) -> None:
        for message in messages:
            self._note(message.device)
            with self.registry.time("readings"):
                made = self._streams.readings(message)
            self._count(message.bad)
            for readings in interleaved(made):
                self._look_for_zeros(message.device, readings)
                self._put(readings)

    def _note(self, device: str) -> None:
        self._meter.last_ns = self._active[device] = self._clock.time_ns()
        self._active.move_to_end(device)
        if len(self._active) > _N_DEVICES:
            self._active.popitem(last=False)

    def _count(self, bad: Counter[str]) -> None:
        for reason, n in bad.items():
            if n:
                self.registry.count(f"left out: {reason}", n)

    def _look_for_zeros(self, sender: str, readings: Readings) -> None:
        stream = (readings.device, readings.channels[0].rpartition("_")[0])
        self._zeros.pop(stream, None)  # so that the first is the one heard longest ago
        if readings.n_samples >= _STILL_ZERO and not readings.values.any():
            self._zeros[stream] = sender
            if len(self._zeros) > _N_DEVICES:
                del self._zeros[next(iter(self._zeros))]

    async def _release(self) -> None:
        """Hand on, from time to time, messages that have waited long enough."""
        while True:
            await self._clock.sleep(self._reorder_s / 4)
            self._hand_on(self._order.expire(self._clock.time_ns()))

    def _start_releasing(self) -> None:
        if self._reorder_s:
            self._run(self._release())

    async def _close(self) -> None:
        self._hand_on(self._order.flush())

    def metrics(self) -> dict[str, float]:
        """Return counters, and mean and longest times in seconds, by name."""
        order = self._order
        timings = {
            f"{name}.{what}": value
            for name, timing in self.registry.timings.items()
            for what, value in (("mean_s", timing.mean_s), ("longest_s", timing.longest_s))
        }
        return {
            **self.registry.counters,
            "messages.duplicate": order.duplicates,
            "messages.late": order.late,
            "messages.lost": order.lost,
            "messages.renumbered": order.renumbered,
            "samples": self._meter.received,
            "samples.dropped": self._buffer.dropped,
            **timings,
        }

    def _remarks(self) -> list[str]:
        now_ns = self._clock.time_ns()
        active = [device for device, last_ns in self._active.items() if now_ns - last_ns < _ACTIVE_NS]
        lost = self._order.lost_share(now_ns)
        lines = super()._remarks()
        if lost >= 0.005:
            lines.append(f"messages lost: {lost:.0%}: is the network slow or the phone far from it?")
        zeros = [stem for (_, stem), sender in self._zeros.items() if sender in active]
        lines += [f"{stem} is all zeros: is the permission off?" for stem in zeros[:1]]
        lines += [line for sensor, names in _WANTED if (line := self._missing(sensor, names, active))]
        if not self._meter.received and active:
            lines.insert(0, "messages come without samples: are the sensors switched on, and allowed, in the app?")
        return lines

    def _missing(self, sensor: str, names: set[str], active: list[str]) -> str:
        have = [sent for device in active if (sent := self._streams.names(device))]
        n_without = sum(not sent & names for sent in have)
        whose = f" on {n_without} of {len(have)} devices" if len(have) > 1 else ""
        return f"{sensor}{whose}: switch it on in the app" if n_without else ""

"""What the bridge does with readings, without sockets, clocks or tasks: clean, calibrate, judge, remember the last."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from motif.errors import FormatError
from motif.recordings import Readings
from motif.sources._device_signs import DeviceSigns
from motif.sources._interleaved import interleaved
from motif.sources._live_calibration import LiveCalibration
from motif.sources._live_quality import LiveQuality
from motif.sources._meter import sensor_of
from motif.sources._sanitize import Sanitizer
from motif.sources._sensor_logger_message import parse_message
from motif.sources._sensor_logger_streams import Streams
from motif.telemetry import Registry

__all__ = ["BridgeIntake"]

_N_STREAMS = 4096


class BridgeIntake:
    """Readings in, readings out."""

    def __init__(self, signs: DeviceSigns | None, *, calibrate_live: bool) -> None:
        self.registry = Registry()
        self.signs = signs
        """None where the source's readings have their signs already."""
        self.calibration = LiveCalibration()
        self.taps: list[Callable[[Readings], None]] = []
        """Called with clean readings that are not calibrated yet."""
        self._calibrate_live = calibrate_live
        self._streams = Streams(signs or DeviceSigns())
        self._sanitizer = Sanitizer(self.registry)
        self._quality = LiveQuality()
        self._latest: OrderedDict[tuple[str, str], Readings] = OrderedDict()

    def take(self, readings: Readings) -> list[Readings]:
        """Return readings fit for use: none, or one."""
        with self.registry.time("intake"):
            self.registry.count("readings")
            self.registry.count("samples", readings.n_samples)
            cleaned = self._sanitizer.clean(readings)
            if cleaned is None:
                return []
            judged, quality = cleaned.readings, self._quality.score(cleaned)
            if quality != judged.quality:
                judged = replace(judged, quality=quality)
            for tap in list(self.taps):
                tap(judged)
            good = self.calibration.apply(judged, learn=self._calibrate_live)
        if good.n_samples:
            name = (good.device, sensor_of(good.channels))
            self._latest[name] = good
            self._latest.move_to_end(name)
            if len(self._latest) > _N_STREAMS:
                self._latest.popitem(last=False)
        self.registry.count("samples handed on", good.n_samples)
        return [good]

    def take_anything(self, said: Any) -> list[Readings]:
        """Return readings fit for use of what may be anything."""
        if isinstance(said, Readings):
            return self.take(said)
        try:
            said = json.dumps(said) if isinstance(said, Mapping) else said
            body = said.encode() if isinstance(said, str) else said
            if not isinstance(body, bytes | bytearray):  # bytes(10**9) would be a gigabyte
                raise TypeError(type(body))
            message = parse_message(bytes(body))
        except (FormatError, TypeError, ValueError, RecursionError):
            self.registry.count("left out: neither readings nor a message")
            return []
        return [good for made in interleaved(self._streams.readings(message)) for good in self.take(made)]

    def latest(self) -> dict[str, Readings]:
        """Return the last readings of each sensor."""
        several = len({device for device, _ in self._latest}) > 1
        return {
            f"{device}/{sensor}" if several else sensor: readings for (device, sensor), readings in self._latest.items()
        }

    def metrics(self) -> dict[str, float]:
        """Return counters and times."""
        timings = {
            f"{name}.{what}": value
            for name, timing in self.registry.timings.items()
            for what, value in (("mean_s", timing.mean_s), ("longest_s", timing.longest_s))
        }
        return {**self.registry.counters, **timings}

"""What needs the person's help: a phone laid flat, put down, or laid on its six sides, while we watch."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, InputError, TooFewSamplesError
from motif.recordings import Readings
from motif.signals import flat_sign
from motif.sources._bridge_intake import BridgeIntake
from motif.sources._clock import Clock
from motif.sources._ending import end_tasks
from motif.sources._live_calibration import Calibration, columns_of

__all__ = ["calibrate", "check_flat"]

_MARGIN = 1.05
"""Of the time asked for: steps are uneven, and both ends count."""
_PAUSE_NS = 1_000_000_000
_LONGEST_S = 600.0
_N_STREAMS = 256


async def check_flat(
    intake: BridgeIntake, clock: Clock, device: str | None, *, seconds: float, timeout_s: float
) -> Literal[1, -1]:
    """Find the sign of a phone on a table; see `SensorLoggerBridge.check_flat`."""
    if intake.signs is None:
        raise ConfigError("this source gives readings in motif's signs; there is nothing to check")
    watch = _Watch(("gravity", "acc"), seconds, device, only_first=True)
    await watch.run(intake, clock, timeout_s)
    for (name, _), (times, values) in watch.whole().items():
        sign = flat_sign(values, _rate_hz(times)) * intake.signs.sign(name)
        intake.signs.checked(name, sign)
        return 1 if sign > 0 else -1
    raise TooFewSamplesError(
        f"{seconds:g} s of gravity{f' of {device!r}' if device else ''} did not come within {timeout_s:g} s; "
        "switch on Gravity in the app, press record, and lay the phone on a table"
    )


async def calibrate(
    intake: BridgeIntake, clock: Clock, seconds: float, *, sides: bool, timeout_s: float
) -> dict[str, Calibration]:
    """Learn biases of devices that lie still; see `SensorLoggerBridge.calibrate`."""
    stems = ("acc",) if sides else ("gyr", "linear_acc")
    watch = _Watch(stems, seconds)
    await watch.run(intake, clock, timeout_s)
    learnt: dict[str, Calibration] = {}
    problem = f"{seconds:g} s of {' or '.join(stems)} did not come within {timeout_s:g} s; is the phone recording?"
    for (device, stem), (times, values) in watch.whole().items():
        try:
            learn = intake.calibration.sides if stem == "acc" else intake.calibration.rest
            learn(device, stem, values, _rate_hz(times))
            learnt[device] = intake.calibration.of(device)
        except InputError as error:
            problem = f"{device}: {error}"
    if not learnt:
        raise TooFewSamplesError(problem)
    return learnt


class _Watch:
    """Collects a stretch of each sensor of some stems, before calibration."""

    def __init__(
        self, stems: tuple[str, ...], seconds: float, device: str | None = None, *, only_first: bool = False
    ) -> None:
        if not 0 < seconds <= _LONGEST_S:
            raise ConfigError(f"seconds={seconds} cannot be; want above 0, up to {_LONGEST_S:g}")
        self._stems, self._device, self._only_first = stems, device, only_first
        self._span_ns = round(seconds * _MARGIN * 1e9)
        self._parts: dict[tuple[str, str], list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = {}
        self._done = asyncio.Event()

    async def run(self, intake: BridgeIntake, clock: Clock, timeout_s: float) -> None:
        """Return when enough came, or the time is over."""
        waits: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._done.wait()),
            asyncio.create_task(clock.sleep(timeout_s)),
        ]
        intake.taps.append(self.take)
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            intake.taps.remove(self.take)
            await end_tasks(*waits)

    def take(self, readings: Readings) -> None:
        """Take readings of any kind."""
        if self._device not in (None, readings.device):
            return
        for stem in self._stems:
            columns = columns_of(readings.channels, stem)
            if not (columns and readings.n_samples) or len(self._parts) >= _N_STREAMS:
                continue
            parts = self._parts.setdefault((readings.device, stem), [])
            if parts and not 0 < readings.time_ns[0] - parts[-1][0][-1] < _PAUSE_NS:
                parts.clear()
            parts.append((readings.time_ns, readings.values[:, columns]))
        whole = len(self.whole())
        if whole and (self._only_first or whole == len(self._parts)):
            self._done.set()

    def whole(self) -> dict[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Return the stretches that are long enough, by device and stem."""
        return {
            name: (np.concatenate([times for times, _ in parts]), np.concatenate([values for _, values in parts]))
            for name, parts in self._parts.items()
            if parts[-1][0][-1] - parts[0][0][0] >= self._span_ns
        }


def _rate_hz(times: NDArray[np.int64]) -> float:
    return (len(times) - 1) / ((int(times[-1]) - int(times[0])) / 1e9)

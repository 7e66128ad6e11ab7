"""`SensorLoggerBridge`: a phone's motion, safe to use: clean, calibrated, judged, and there again after a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Literal, Self

from motif.errors import MotifError, SourceError
from motif.recordings import Readings
from motif.sources._background import in_background
from motif.sources._backoff import Backoff
from motif.sources._bridge_checks import calibrate, check_flat
from motif.sources._bridge_intake import BridgeIntake
from motif.sources._clock import Clock, SystemClock
from motif.sources._ending import end_tasks
from motif.sources._fanout import Fanout
from motif.sources._http import SensorLoggerHTTP
from motif.sources._live_calibration import Calibration
from motif.sources._source import Source, SourceHealth, SourceState
from motif.telemetry import logger

__all__ = ["SensorLoggerBridge"]

_LOG = logger(__name__)


class SensorLoggerBridge:
    """Readings of phones, sanitized, calibrated and judged; connects again by itself.

    It is a source itself: iterate over it, or give it a callback. Each who iterates gets every reading.

    Parameters
    ----------
    source : Source, optional
        By default `SensorLoggerHTTP` on this machine alone; nothing is opened before `start`.
    host : str
    port : int
        Of that default.
    calibrate_live : bool
        Learn the bias of each axis whenever a device lies still, and follow its drift.
    backoff : Backoff, optional
        How long to wait before the source is opened again after a fault.
    clock : Clock, optional
    capacity_samples : int
        How much is kept for each who iterates slowly, before the oldest samples are dropped and counted.

    Examples
    --------
    >>> bridge = SensorLoggerBridge()
    >>> bridge.state.value
    'disconnected'
    """

    def __init__(
        self,
        source: Source | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        calibrate_live: bool = True,
        backoff: Backoff | None = None,
        clock: Clock | None = None,
        capacity_samples: int = 200_000,
    ) -> None:
        self._clock: Clock = clock or SystemClock()
        self.source: Source = source or SensorLoggerHTTP(host=host, port=port, clock=self._clock)
        self.name = f"bridge of {self.source.name}"
        self._intake = BridgeIntake(getattr(self.source, "signs", None), calibrate_live=calibrate_live)
        self._backoff = backoff or Backoff()
        self._fanout = Fanout(capacity_samples, self._intake.registry)
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._trouble = ""

    @property
    def state(self) -> SourceState:
        """Where it stands; `reconnecting` while the source is out and will be opened again."""
        if self._task is None:
            return SourceState.STOPPED if self._stopped else SourceState.DISCONNECTED
        if self._trouble:
            return SourceState.RECONNECTING
        return SourceState.STOPPED if self._task.done() else self.source.state

    @property
    def url(self) -> str:
        """The link to paste into the app, where the source has one; else an empty text. It is a secret."""
        return str(getattr(self.source, "url", ""))

    @property
    def latest(self) -> dict[str, Readings]:
        """The last readings of each sensor; with several devices the names are `device/sensor`."""
        return self._intake.latest()

    async def start(self) -> None:
        """Begin to receive. A source that cannot be opened now is tried again, and `state` says so.

        Raises
        ------
        MissingExtraError, ConfigError
            What trying again cannot mend.
        """
        if self._task is not None:
            return
        self._stopped, self._trouble = False, ""
        try:
            await self.source.open()
        except SourceError as error:
            self._trouble = str(error)
        self._task = asyncio.create_task(self._supervise(), name=f"motif {self.name}")

    async def stop(self) -> None:
        """Stop receiving; those who iterate get what is left, then end."""
        self._stopped = True
        if self._task is not None and self._trouble:
            await end_tasks(self._task)
        await self.source.close()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        self._task, self._trouble = None, ""
        self._fanout.end()

    open, close = start, stop

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __aiter__(self) -> AsyncIterator[Readings]:
        return self._fanout.read(ended=self._stopped)

    def on_reading(self, callback: Callable[[Readings], object]) -> Callable[[], None]:
        """Call `callback` with all readings; returns what ends that. What it raises is counted and logged."""
        return self._fanout.call(callback)

    def in_background(self) -> AbstractContextManager[asyncio.AbstractEventLoop]:
        """Run in a thread while a `with` block lasts, for programs without an event loop.

        Callbacks are called in that thread; `asyncio.run_coroutine_threadsafe` asks for a check or a calibration there.
        """
        return in_background(self)

    def accept(self, said: Any) -> bool:
        """Take `Readings`, or a message of Sensor Logger as bytes, text or dict; False where nothing is usable.

        Never raises.
        """
        clean = self._intake.take_anything(said)
        self._deliver(clean)
        return bool(clean)

    async def calibrate(
        self, seconds: float = 3.0, *, sides: bool = False, timeout_s: float = 60.0
    ) -> dict[str, Calibration]:
        """Learn the bias of each device now: put them down and wait; with `sides`, lay them on each of their six.

        Returns
        -------
        dict
            What is taken off from now on, by device.

        Raises
        ------
        TooFewSamplesError
            Nothing came in time, or nothing lay still.
        """
        return await calibrate(self._intake, self._clock, seconds, sides=sides, timeout_s=timeout_s)

    async def check_flat(
        self, device: str | None = None, *, seconds: float = 2.0, timeout_s: float = 30.0
    ) -> Literal[1, -1]:
        """Find the sign of a phone that lies flat on a table, screen up, and use it from now on.

        Returns
        -------
        1 for Android's signs, -1 for those of iOS.

        Raises
        ------
        TooFewSamplesError
            Nothing came in time.
        InputError
            The phone moved, was not flat, or sends no gravity.
        ConfigError
            The source knows its signs.
        """
        return await check_flat(self._intake, self._clock, device, seconds=seconds, timeout_s=timeout_s)

    def health(self) -> SourceHealth:
        """Say how it is, in figures and in one line for a person."""
        said = self.source.health()
        message = said.message
        if self._task is None:
            message = "stopped" if self._stopped else "not started yet"
        elif self._trouble:
            message = f"{self._trouble}; trying again by itself"
        return SourceHealth(
            state=self.state,
            message=message,
            rate_hz=said.rate_hz,
            received=said.received,
            dropped=said.dropped + self._fanout.dropped,
            last_seen_s=said.last_seen_s,
        )

    def metrics(self) -> dict[str, float]:
        """Return counters, and mean and longest times in seconds, by name; the source's begin with `source.`."""
        inner: Callable[[], dict[str, float]] | None = getattr(self.source, "metrics", None)
        own = self._intake.metrics()
        return own | {f"source.{name}": value for name, value in (inner() if inner else {}).items()}

    async def _supervise(self) -> None:
        while True:
            if not self._trouble:
                try:
                    async for readings in self.source:
                        self._backoff.reset()
                        self._take(readings)
                    if self._stopped or self.source.state is not SourceState.ERROR:
                        break  # at its end
                    self._trouble = self.source.health().message
                except Exception as error:  # a source's fault, of whatever kind, is no reason to give up
                    self._trouble = f"{type(error).__name__}: {error}"
            await self._again()
        self._fanout.end()

    async def _again(self) -> None:
        self._intake.registry.count("reconnects")
        wait_s = self._backoff.next_s()
        _LOG.warning(
            "source opened again soon", source=self.source.name, trouble=self._trouble, wait_s=round(wait_s, 2)
        )
        await self._clock.sleep(wait_s)
        try:
            await self.source.close()
            await self.source.open()
            self._trouble = ""
        except MotifError as error:
            self._trouble = str(error)

    def _take(self, readings: Readings) -> None:
        try:
            self._deliver(self._intake.take(readings))
        except Exception:  # a fault of ours costs these readings, not the connection
            self._intake.registry.count("faults")
            _LOG.exception("readings not taken", source=self.source.name, readings=repr(readings))

    def _deliver(self, clean: list[Readings]) -> None:
        for readings in clean:
            self._fanout.put(readings)

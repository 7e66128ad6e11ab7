"""What sources share: the buffer, the meter, the states, the health line, and trying again."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from motif.errors import MotifError
from motif.recordings import Readings
from motif.sources._backoff import Backoff
from motif.sources._buffer import ReadingsBuffer
from motif.sources._clock import Clock, SystemClock
from motif.sources._ending import end_tasks
from motif.sources._meter import RateMeter
from motif.sources._source import SourceHealth, SourceState
from motif.telemetry import logger

__all__ = ["BufferedSource", "SilenceHints"]

_SILENT_S = 3.0
_LOG = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceHints:
    """What to look at when nothing comes: questions for the person, in the words of this source."""

    never: str
    """Nothing came since it was opened."""
    stopped: str
    """Readings came, and stopped."""
    sensor: str = "is the permission off?"
    """One sensor fell silent while others go on."""


class BufferedSource(ABC):
    """A source that puts what it receives into a bounded buffer; what is left to do is `_open` and `_close`.

    Parameters
    ----------
    name : str
    clock : Clock, optional
        By default the machine's.
    capacity_samples : int
        How much the buffer holds before the oldest samples are dropped, and counted.
    """

    hints = SilenceHints(never="does the device send?", stopped="does the device still send?")

    def __init__(self, name: str, *, clock: Clock | None = None, capacity_samples: int = 200_000) -> None:
        self.name = name
        self._clock: Clock = clock or SystemClock()
        self._buffer = ReadingsBuffer(capacity_samples)
        self._meter = RateMeter()
        self._state = SourceState.DISCONNECTED
        self._trouble = ""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> SourceState:
        """Where it stands."""
        return self._state

    async def open(self) -> None:
        """Start receiving; an open source stays as it is.

        Raises
        ------
        MotifError
            What trying again cannot mend: a port that is taken, a file that is not there, a missing extra.
        """
        if self._state not in (SourceState.DISCONNECTED, SourceState.STOPPED, SourceState.ERROR):
            return
        if self._state is SourceState.ERROR:
            await self.close()
        self._buffer.reopen()
        self._enter(SourceState.CONNECTING)
        try:
            await self._open()
            await asyncio.sleep(0)  # what `_run` was given has begun: closed at once, it is cancelled and not forgotten
        except MotifError as error:
            self._enter(SourceState.ERROR, str(error))
            raise

    async def close(self) -> None:
        """Stop, and free what was taken; who iterates gets what is left, then ends."""
        tasks, self._tasks = self._tasks, set()
        await end_tasks(*tasks)
        await self._close()
        self._buffer.close()
        self._enter(SourceState.STOPPED)

    def __aiter__(self) -> AsyncIterator[Readings]:
        return aiter(self._buffer)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def health(self) -> SourceHealth:
        """Say how it is, in figures and in one line for a person."""
        now_ns = self._clock.time_ns()
        rates, age_s = self._meter.rates(now_ns), self._meter.last_seen_s(now_ns)
        message = self._message(rates, age_s)
        return SourceHealth(
            state=self._state,
            message="".join(letter for letter in message if letter.isprintable()),  # devices have their say in it
            rate_hz=rates,
            received=self._meter.received,
            dropped=self._buffer.dropped,
            last_seen_s=age_s,
        )

    @abstractmethod
    async def _open(self) -> None:
        """Start what receives: a server, a task, a device."""

    async def _close(self) -> None:
        """Stop what `_open` started, other than tasks of `_run`."""
        return

    def _put(self, readings: Readings) -> None:
        """Hand readings on; never blocks, never raises."""
        self._meter.saw(readings, self._clock.time_ns())
        self._buffer.put(readings)
        if self._state is not SourceState.CONNECTED:
            self._enter(SourceState.CONNECTED)

    def _enter(self, state: SourceState, trouble: str = "") -> None:
        if (state, trouble) != (self._state, self._trouble):
            _LOG.info("source state", source=self.name, state=state.value, was=self._state.value, trouble=trouble)
        self._state, self._trouble = state, trouble

    def _end(self) -> None:
        """Say that nothing more will come: a replay at its end."""
        self._buffer.close()
        self._enter(SourceState.STOPPED)

    def _run(self, work: Awaitable[None]) -> None:
        """Run `work` in the background until the source is closed; if it fails, the state says so."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                self._enter(SourceState.ERROR, f"{type(error).__name__}: {error}")
                _LOG.exception("source failed", source=self.name)
                self._buffer.close()

        task = asyncio.create_task(guarded(), name=f"motif {self.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_connected(
        self, session: Callable[[], Awaitable[None]], failures: tuple[type[Exception], ...], backoff: Backoff
    ) -> None:
        """Run `session` again and again, waiting longer each time; it calls `backoff.reset` once it is connected."""
        while True:
            try:
                await session()
                reason = "the connection was closed"
            except failures as error:
                reason = str(error) or type(error).__name__
            wait_s = backoff.next_s()
            self._enter(SourceState.RECONNECTING, f"{reason}; trying again in {wait_s:.1f} s")
            await self._clock.sleep(wait_s)

    def _message(self, rates: dict[str, float], age_s: float | None) -> str:
        if self._state is SourceState.DISCONNECTED:
            return "not opened yet"
        if self._trouble:
            return self._trouble
        if self._state is SourceState.STOPPED:
            return "stopped"
        if age_s is None:
            return f"no message yet: {self.hints.never}"
        if age_s > _SILENT_S:
            return f"stopped {age_s:.0f} s ago: {self.hints.stopped}"
        return "; ".join([*self._sensor_lines(rates), *self._remarks()]) or "no samples yet"

    def _sensor_lines(self, rates: dict[str, float]) -> list[str]:
        alive = [f"{sensor} {rate:.0f} Hz" for sensor, rate in rates.items() if rate]
        shown = ", ".join(alive[:6]) + (f" and {len(alive) - 6} more" if len(alive) > 6 else "")
        silent = [sensor for sensor, rate in rates.items() if not rate][:100]
        sending = {sensor.rpartition("/")[0] for sensor, rate in rates.items() if rate}
        gone = dict.fromkeys(device for each in silent if (device := each.rpartition("/")[0]) not in sending)
        lines = [f"{device} sends nothing: {self.hints.stopped}" for device in gone if device]
        lines += [f"{each} 0 Hz: {self.hints.sensor}" for each in silent if each.rpartition("/")[0] in {"", *sending}]
        return ([shown] if shown else []) + lines[:3]

    def _remarks(self) -> list[str]:
        """What else a person should know; a source may add to it."""
        dropped = self._buffer.dropped
        if not dropped:
            return []
        return [f"{dropped / max(1, self._meter.received):.0%} dropped: what reads them is too slow"]

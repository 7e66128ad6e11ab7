"""Time and waiting, injected: real for a live source, moved by hand in a test."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from typing import Protocol, runtime_checkable

from motif.errors import InputError

__all__ = ["Clock", "ManualClock", "SystemClock"]

_SETTLING_ROUNDS = 10
"""How often the event loop turns after a sleeper woke, so that what it does is done before time goes on."""


@runtime_checkable
class Clock(Protocol):
    """The only way a source learns what time it is, and waits."""

    def time_ns(self) -> int:
        """Return nanoseconds since the epoch; never less than before."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when that much time has passed; at once for what is not positive."""
        ...


class SystemClock:
    """The machine's time, read once; what follows is counted by the monotonic clock.

    Setting the machine's time, or its hourly correction, moves neither ages nor rates nor waits.
    """

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.monotonic_ns()

    def time_ns(self) -> int:
        """Return nanoseconds since the epoch."""
        return self._offset_ns + time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        """Wait, letting other tasks run."""
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that stands still until it is moved: tests of waiting take no time.

    Parameters
    ----------
    time_ns : int
        What it shows at first, nanoseconds since the epoch.

    Examples
    --------
    >>> async def wait_an_hour(clock):
    ...     sleeper = asyncio.create_task(clock.sleep(3600))
    ...     await clock.until_asleep()
    ...     await clock.advance(3600)
    ...     await sleeper
    ...     return clock.time_ns()
    >>> import asyncio
    >>> asyncio.run(wait_an_hour(ManualClock(0)))
    3600000000000
    """

    def __init__(self, time_ns: int = 1_700_000_000_000_000_000) -> None:
        self._now_ns = time_ns
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._fell_asleep = asyncio.Event()

    def time_ns(self) -> int:
        """Return nanoseconds since the epoch."""
        return self._now_ns

    @property
    def n_asleep(self) -> int:
        """How many are waiting."""
        return sum(not sleeper.done() for _, _, sleeper in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` has moved the clock that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due_ns = self._now_ns + round(seconds * 1e9)
        heapq.heappush(self._sleepers, (due_ns, next(self._order), sleeper))
        self._fell_asleep.set()
        await sleeper

    async def until_asleep(self, n: int = 1) -> None:
        """Return when at least `n` are waiting for this clock."""
        while self.n_asleep < n:
            self._fell_asleep.clear()
            await self._fell_asleep.wait()

    async def advance(self, seconds: float) -> None:
        """Let time pass: sleepers wake in the order of their times, and may sleep again within it.

        Raises
        ------
        InputError
            `seconds` is negative.
        """
        if seconds < 0:
            raise InputError(f"seconds={seconds} would turn the clock back; want 0 or more")
        end_ns = self._now_ns + round(seconds * 1e9)
        while self._sleepers and self._sleepers[0][0] <= end_ns:
            due_ns, _, sleeper = heapq.heappop(self._sleepers)
            self._now_ns = max(self._now_ns, due_ns)
            if not sleeper.done():
                sleeper.set_result(None)
                await _settle()
        self._now_ns = end_ns
        await _settle()


async def _settle() -> None:
    for _ in range(_SETTLING_ROUNDS):
        await asyncio.sleep(0)

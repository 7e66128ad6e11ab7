"""Sources that make their readings themselves: paced by the clock, and waiting for their reader instead of dropping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from motif.checks import is_number
from motif.errors import ConfigError
from motif.recordings import Readings
from motif.sources._buffered import BufferedSource
from motif.sources._clock import Clock
from motif.sources._replay_messages import Message

__all__ = ["PumpedSource"]

_WAITING = 16
"""Readings that wait in the buffer at most."""


class PumpedSource(BufferedSource):
    """A source whose messages are at hand.

    Parameters
    ----------
    name : str
    speed : float or None
        1 as it was, 10 ten times as fast; None (or infinity) as fast as it is read.
    clock : Clock, optional
    capacity_samples : int
        As `BufferedSource` has it.

    Raises
    ------
    ConfigError
        `speed` is not above 0.
    """

    def __init__(
        self, name: str, *, speed: float | None = 1.0, clock: Clock | None = None, capacity_samples: int = 200_000
    ) -> None:
        super().__init__(name, clock=clock, capacity_samples=capacity_samples)
        if speed is not None and not (is_number(speed) and speed > 0):
            raise ConfigError(f"speed={speed!r} cannot be; give a number above 0, or None for as fast as it is read")
        self._speed = float("inf") if speed is None else float(speed)
        self._room = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[Readings]:
        async for readings in super().__aiter__():
            self._room.set()
            yield readings

    async def _play(self, messages: Iterable[Message], began_ns: int) -> None:
        """Hand messages on when they are due, counted from `began_ns` of the clock."""
        for message in messages:
            await self._pace(message.due_s, began_ns)
            for readings in message.readings:
                self._put(readings)

    async def _pace(self, due_s: float, began_ns: int) -> None:
        """Wait until it is time for what was taken `due_s` after the beginning, and until there is room for it."""
        if self._speed < float("inf"):
            due_ns = began_ns + round(1e9 * due_s / self._speed)
            await self._clock.sleep((due_ns - self._clock.time_ns()) / 1e9)
        while len(self._buffer) > _WAITING:
            self._room.clear()
            await self._room.wait()

"""What stands between a source and its reader: bounded, so that a slow reader costs samples and never memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from motif.errors import ConfigError
from motif.recordings import Readings

__all__ = ["ReadingsBuffer"]

_OVERHEAD_SAMPLES = 16
"""Readings cost memory even when they hold one sample: about as much as sixteen samples do."""


class ReadingsBuffer:
    """A queue that never blocks who puts: when it is full the oldest readings go, and are counted.

    One event loop puts and gets; from another thread use `loop.call_soon_threadsafe(buffer.put, readings)`. Several
    readers share what there is: each reading goes to one of them.

    Parameters
    ----------
    capacity_samples : int
        How much it holds; readings count as sixteen samples more than they have, and each of their marks as one.

    Raises
    ------
    ConfigError
        There is no room for a single reading.
    """

    def __init__(self, capacity_samples: int = 200_000) -> None:
        if capacity_samples <= _OVERHEAD_SAMPLES:
            raise ConfigError(f"capacity_samples={capacity_samples} holds no reading; want over {_OVERHEAD_SAMPLES}")
        self._capacity = capacity_samples
        self._waiting: deque[Readings] = deque()
        self._cost = 0
        self._dropped = 0
        self._closed = False
        self._changed = asyncio.Event()

    @property
    def dropped(self) -> int:
        """Samples lost because nobody fetched them in time."""
        return self._dropped

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, readings: Readings) -> None:
        """Add readings; the oldest ones make room. What comes after `close` is not kept."""
        if self._closed:
            return
        self._waiting.append(readings)
        self._cost += _cost(readings)
        while self._cost > self._capacity:
            self._dropped += self._take().n_samples
        self._changed.set()

    def close(self) -> None:
        """End the reading: who iterates gets what is still there, then stops."""
        self._closed = True
        self._changed.set()

    def reopen(self) -> None:
        """Take readings again, starting empty."""
        self._closed = False
        self._waiting.clear()
        self._cost = 0

    async def __aiter__(self) -> AsyncIterator[Readings]:
        while True:
            while self._waiting:
                yield self._take()
            if self._closed:
                return
            self._changed.clear()
            await self._changed.wait()

    def _take(self) -> Readings:
        readings = self._waiting.popleft()
        self._cost -= _cost(readings)
        return readings


def _cost(readings: Readings) -> int:
    return readings.n_samples + len(readings.annotations) + _OVERHEAD_SAMPLES

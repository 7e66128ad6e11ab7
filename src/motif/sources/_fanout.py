"""One stream of readings, and all who want it: callbacks, and readers that each have a buffer of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from motif.recordings import Readings
from motif.sources._buffer import ReadingsBuffer
from motif.telemetry import Registry, logger

__all__ = ["Fanout"]

_LOG = logger(__name__)


class Fanout:
    """Hands readings to everybody; who fails or is slow harms nobody else.

    Parameters
    ----------
    capacity_samples : int
        How much is kept for each reader before the oldest samples are dropped and counted.
    registry : Registry
        Counts `callbacks failed`.
    """

    def __init__(self, capacity_samples: int, registry: Registry) -> None:
        self._capacity, self._registry = capacity_samples, registry
        self._callbacks: list[Callable[[Readings], object]] = []
        self._readers: list[ReadingsBuffer] = []
        self._dropped_before = 0

    @property
    def dropped(self) -> int:
        """Samples lost by readers that were too slow."""
        return self._dropped_before + sum(reader.dropped for reader in self._readers)

    def put(self, readings: Readings) -> None:
        """Hand readings on; never blocks, never raises."""
        for reader in self._readers:
            reader.put(readings)
        for callback in list(self._callbacks):
            try:
                callback(readings)
            except Exception:
                self._registry.count("callbacks failed")
                _LOG.exception("callback failed")

    def call(self, callback: Callable[[Readings], object]) -> Callable[[], None]:
        """Add a callback; returns what removes it."""
        self._callbacks.append(callback)

        def remove() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return remove

    def read(self, *, ended: bool = False) -> AsyncIterator[Readings]:
        """Add a reader, which gets everything from now on; none of it where all has `ended`."""
        buffer = ReadingsBuffer(self._capacity)
        self._readers.append(buffer)  # now, not when the first is asked for
        if ended:
            buffer.close()
        return self._each(buffer)

    def end(self) -> None:
        """End all readers, once they have what is left for them."""
        for reader in self._readers:
            reader.close()

    async def _each(self, buffer: ReadingsBuffer) -> AsyncIterator[Readings]:
        try:
            async for readings in buffer:
                yield readings
        finally:
            if buffer in self._readers:
                self._readers.remove(buffer)
                self._dropped_before += buffer.dropped

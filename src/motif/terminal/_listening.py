"""Readings from a source to whoever wants them now, and how strongly each sensor moves at the moment."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from motif.errors import MotifError
from motif.recordings import Readings
from motif.sources import end_tasks
from motif.telemetry import logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from motif.sources import Source

__all__ = ["Listening"]

_LOG = logger(__name__)
_FULL = {"acc": 15.0, "linear_acc": 15.0, "gyr": 8.0}
"""Swings (m/s², rad/s) that fill a bar: a quick move of the hand."""
_RECENT_SAMPLES = 25


class Listening:
    """Hear a source from `opened` on.

    Parameters
    ----------
    source : source of readings, or None
        Where there is none, nothing is heard, and `health` says so.
    """

    def __init__(self, source: Source | None) -> None:
        self._source = source
        self._takers: list[Callable[[Readings], object]] = []
        self._recent: dict[str, deque[float]] = {}
        self._trouble = "" if source is not None else "none connected: start with a source to record and practise"

    @property
    def can_hear(self) -> bool:
        """Whether there is a source that could be opened."""
        return not self._trouble

    def health(self) -> str:
        """Return one line on how the sensors are."""
        if self._trouble or self._source is None:
            return self._trouble
        return self._source.health().message

    def motion(self) -> dict[str, float]:
        """Return how strongly each sensor moves now, 0…1."""
        return {
            stem: float(min(1.0, np.ptp(list(levels)) / _FULL[stem]))
            for stem, levels in self._recent.items()
            if len(levels) > 1
        }

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hear until the block ends; a source that cannot be opened is said, not raised."""
        source = self._source
        if source is None:
            yield
            return
        try:
            await source.open()
        except MotifError as error:
            self._trouble = str(error)
            yield
            return
        hearing = asyncio.create_task(self._hear(source), name="motif listening")
        try:
            yield
        finally:
            await end_tasks(hearing)
            await source.close()
        if not hearing.cancelled():
            hearing.result()

    def begin(self, taker: Callable[[Readings], object]) -> None:
        """Give every reading to `taker` from now on."""
        self._takers.append(taker)

    def end(self, taker: Callable[[Readings], object]) -> None:
        """Give `taker` no more."""
        self._takers.remove(taker)

    async def _hear(self, source: Any) -> None:
        try:
            async for readings in source:
                self._watch(readings)
                for taker in tuple(self._takers):
                    taker(readings)
        except MotifError as error:
            self._trouble = str(error)
            _LOG.warning("source ended", error=str(error))

    def _watch(self, readings: Readings) -> None:
        for stem in _FULL:
            channels = [i for i, name in enumerate(readings.channels) if name.rpartition("_")[0] == stem]
            if channels:
                lengths = np.linalg.norm(np.nan_to_num(readings.values[:, channels]), axis=1)
                self._recent.setdefault(stem, deque(maxlen=_RECENT_SAMPLES)).extend(lengths.tolist())

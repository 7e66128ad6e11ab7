"""Counters and timings in one registry, safe from threads, cheap enough for a hot path."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

__all__ = ["REGISTRY", "Registry", "Timing"]


@dataclass(frozen=True, slots=True)
class Timing:
    """How often something ran and how long it took, in seconds."""

    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0

    @property
    def mean_s(self) -> float:
        """Mean duration; 0 where nothing ran yet."""
        return self.total_s / self.count if self.count else 0.0


class Registry:
    """Named counters and timings.

    Parameters
    ----------
    clock : callable, optional
        Returns seconds; replaced in tests.

    Examples
    --------
    >>> registry = Registry()
    >>> registry.count("windows.dropped")
    >>> registry.count("windows.dropped", 2)
    >>> registry.counters
    {'windows.dropped': 3}
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counters: dict[str, int] = {}
        self._timings: dict[str, tuple[int, float, float]] = {}

    def count(self, name: str, n: int = 1) -> None:
        """Add `n` to a counter."""
        with self._lock:
            self._counters[name] = self._counters.get(name, 0) + n

    def time(self, name: str) -> AbstractContextManager[None]:
        """Time the block, also when it fails."""
        return _Timed(self, self._clock, name)

    def record(self, name: str, seconds: float) -> None:
        """Add one duration that was measured elsewhere."""
        with self._lock:
            count, total_s, longest_s = self._timings.get(name, (0, 0.0, 0.0))
            self._timings[name] = (count + 1, total_s + seconds, max(longest_s, seconds))

    @property
    def counters(self) -> dict[str, int]:
        """A copy of all counters."""
        with self._lock:
            return dict(self._counters)

    @property
    def timings(self) -> dict[str, Timing]:
        """A copy of all timings."""
        with self._lock:
            return {name: Timing(*timing) for name, timing in self._timings.items()}


class _Timed(AbstractContextManager[None]):
    """A block that is timed; a generator would take as long as the block, where that is short."""

    __slots__ = ("_clock", "_name", "_registry", "_start")

    def __init__(self, registry: Registry, clock: Callable[[], float], name: str) -> None:
        self._registry, self._clock, self._name = registry, clock, name

    def __enter__(self) -> None:
        self._start = self._clock()

    def __exit__(self, *_: object) -> None:
        self._registry.record(self._name, self._clock() - self._start)


REGISTRY = Registry()
"""The process's own registry."""

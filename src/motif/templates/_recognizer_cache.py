"""What was taught, kept while the database has not changed and for a limited time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["CacheCounts", "RevisionCache"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How often the cache had what was asked for."""

    hits: int
    misses: int

    @property
    def hit_rate(self) -> float:
        """Share of hits, 0…1; 0 before anything was asked."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


class RevisionCache(Generic[T]):
    """One value, made again when the revision moves on or its time to live is over. Safe from threads.

    Parameters
    ----------
    ttl_s : float
        Time to live, in seconds.
    clock : callable
        Returns seconds that never run backward.
    enabled : bool
        Whether anything is kept at all.
    """

    def __init__(self, ttl_s: float, clock: Callable[[], float], *, enabled: bool = True) -> None:
        self.ttl_s = ttl_s
        self._clock, self._enabled = clock, enabled
        self._lock = threading.Lock()
        self._held: tuple[object, float, T] | None = None
        self._hits = self._misses = 0

    @property
    def counts(self) -> CacheCounts:
        """Hits and misses so far."""
        return CacheCounts(self._hits, self._misses)

    def get(self, revision: object, make: Callable[[], T]) -> tuple[T, bool]:
        """Return the value for a revision, and whether it was there already; `make` makes it."""
        with self._lock:
            now_s = self._clock()
            held = self._held
            if self._enabled and held is not None and held[0] == revision and now_s - held[1] < self.ttl_s:
                self._hits += 1
                return held[2], True
            self._misses += 1
            value = make()
            self._held = (revision, now_s, value)
            return value, False

    def clear(self) -> None:
        """Forget the value; hits and misses go on."""
        with self._lock:
            self._held = None

"""What was taught, kept while the database has not changed; made anew beside the work when its time to live is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from motif.telemetry import logger

__all__ = ["CacheCounts", "RevisionCache"]

T = TypeVar("T")
_LOG = logger(__name__)


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

    For a new revision the caller waits. When only the time is over nobody does: the value there is goes on answering
    until the next one is made.

    Parameters
    ----------
    ttl_s : float
        Time to live, in seconds.
    clock : callable
        Returns seconds that never run backward.
    enabled : bool
        Whether anything is kept at all.
    beside : callable, optional
        Runs a function beside the work; by default in a thread.
    """

    def __init__(
        self,
        ttl_s: float,
        clock: Callable[[], float],
        *,
        enabled: bool = True,
        beside: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        self.ttl_s = ttl_s
        self._clock, self._enabled = clock, enabled
        self._beside = beside or _in_thread
        self._lock = threading.Lock()
        self._held: tuple[object, float, T] | None = None
        self._hits = self._misses = 0

    @property
    def counts(self) -> CacheCounts:
        """Hits and misses so far; a renewal is a miss."""
        return CacheCounts(self._hits, self._misses)

    def get(self, revision: object, make: Callable[[], T]) -> tuple[T, bool]:
        """Return the value for a revision, and whether it was there already; `make` makes it."""
        with self._lock:
            held = self._held
            if self._enabled and held is not None and held[0] == revision:
                if self._clock() - held[1] < self.ttl_s:
                    self._hits += 1
                else:
                    self._misses += 1
                    self._held = (revision, self._clock(), held[2])  # one renewal at a time
                    self._beside(lambda: self._renew(revision, make))
                return held[2], True
            self._misses += 1
            value = make()
            self._held = (revision, self._clock(), value)
            return value, False

    def _renew(self, revision: object, make: Callable[[], T]) -> None:
        try:
            value = make()
        except Exception as error:  # in a thread nobody would hear of it
            _LOG.warning("cached value could not be renewed; the old one stays", error=repr(error))
            return
        with self._lock:
            if self._held is not None and self._held[0] == revision:
                self._held = (revision, self._clock(), value)


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="motif-renew", daemon=True).start()

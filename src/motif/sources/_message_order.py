"""Numbered messages in their order, each once: what is missing is waited for a little, then counted as lost."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from motif.errors import ConfigError

__all__ = ["MessageOrder"]

T = TypeVar("T")

_RENUMBERED = 1000
"""A number that is further off than this belongs to a new count."""
_BEFORE_FIRST = 32
"""Numbers below the first one seen that may still be on their way."""
_ACTIVE_NS = 30_000_000_000


@dataclass(slots=True)
class _Session(Generic[T]):
    next_id: int
    begun: bool
    """Whether `next_id` is known: what came first is not always what was sent first."""
    held: dict[int, tuple[T, int]] = field(default_factory=dict)
    """By number: what came too early, and when."""
    missing: OrderedDict[int, bool] = field(default_factory=OrderedDict)
    """Numbers no longer waited for, and whether they were counted as lost."""
    seen: int = 0
    lost: int = 0
    last_ns: int = 0


class MessageOrder(Generic[T]):
    """Sorts and de-duplicates messages by session and number, and counts the gaps.

    Parameters
    ----------
    hold_s : s
        How long a message waits for one before it that has not come; 0 sorts nothing and delays nothing.
    n_sessions, n_held : int
        Bounds on memory: sessions remembered, messages held back of each.

    Raises
    ------
    ConfigError
        `hold_s` is negative, or a bound is not positive.

    Examples
    --------
    >>> order = MessageOrder(hold_s=1.0)
    >>> [order.push("walk", number, f"message {number}", 0) for number in (1, 3, 2, 2)]
    [['message 1'], [], ['message 2', 'message 3'], []]
    >>> order.duplicates
    1
    """

    def __init__(self, hold_s: float = 0.5, *, n_sessions: int = 2048, n_held: int = 64) -> None:
        if not (hold_s >= 0 and n_sessions > 0 and n_held > 0):
            raise ConfigError(
                f"hold_s={hold_s}, n_sessions={n_sessions}, n_held={n_held} cannot be; "
                "want hold_s of 0 or more, the others above 0"
            )
        self._hold_ns = round(hold_s * 1e9)
        self._n_sessions, self._n_held = n_sessions, n_held
        self._sessions: OrderedDict[Hashable, _Session[T]] = OrderedDict()
        self._waiting: set[Hashable] = set()
        self.duplicates = 0
        """Messages that had come already."""
        self.late = 0
        """Messages that came after others had been handed on without them."""
        self.lost = 0
        """Messages that never came."""
        self.renumbered = 0
        """How often the numbers of a session jumped."""

    def push(self, session: Hashable, number: int, item: T, now_ns: int) -> list[T]:
        """Take a message; return those that are in order now."""
        known = self._sessions.get(session)
        if known is None:
            known = self._begin(session, number)
        self._sessions.move_to_end(session)
        known.last_ns = now_ns
        out: list[T] = []
        if abs(number - known.next_id) > _RENUMBERED:
            self.renumbered += 1
            out += [known.held[key][0] for key in sorted(known.held)]
            known.held.clear()
            known.missing.clear()
            known.next_id, known.begun = number, True
        if number in known.held or (number < known.next_id and number not in known.missing):
            self.duplicates += 1
            return out
        known.seen += 1
        if number < known.next_id:
            self._came_late(known, number)
            return [*out, item]
        known.held[number] = (item, now_ns)
        if known.begun:
            out += self._in_order(known)
        while len(known.held) > self._n_held:
            out += self._skip(known)
        self._waiting.discard(session)
        if known.held:
            self._waiting.add(session)
            out += self.expire(now_ns, only=session) if not self._hold_ns else []
        return out

    def expire(self, now_ns: int, *, only: Hashable | None = None) -> list[T]:
        """Return messages that have waited long enough for what is missing before them."""
        out: list[T] = []
        for session in [only] if only is not None else list(self._waiting):
            known = self._sessions[session]
            while known.held and known.held[min(known.held)][1] <= now_ns - self._hold_ns:
                out += self._skip(known)
            if not known.held:
                self._waiting.discard(session)
        return out

    def flush(self) -> list[T]:
        """Return all that is held back, in order."""
        out: list[T] = []
        for session in self._waiting:
            known = self._sessions[session]
            while known.held:
                out += self._skip(known)
        self._waiting.clear()
        return out

    def lost_share(self, now_ns: int) -> float:
        """Return the share of messages that are missing, in sessions of the last half minute; 0…1."""
        active = [known for known in self._sessions.values() if now_ns - known.last_ns < _ACTIVE_NS]
        lost = sum(known.lost for known in active)
        return lost / max(1, lost + sum(known.seen for known in active))

    def _begin(self, session: Hashable, number: int) -> _Session[T]:
        if len(self._sessions) >= self._n_sessions:
            oldest, _ = self._sessions.popitem(last=False)
            self._waiting.discard(oldest)
        begun = number <= 1  # the app counts from there
        known: _Session[T] = _Session(number if begun else max(0, number - _BEFORE_FIRST), begun)
        known.missing.update((earlier, False) for earlier in range(known.next_id - _BEFORE_FIRST, known.next_id))
        self._sessions[session] = known
        return known

    def _in_order(self, known: _Session[T]) -> list[T]:
        out = []
        while known.next_id in known.held:
            out.append(known.held.pop(known.next_id)[0])
            known.next_id += 1
        return out

    def _skip(self, known: _Session[T]) -> list[T]:
        """Give up what is missing before the first message held, and go on from there."""
        first = min(known.held)
        known.missing.update((number, known.begun) for number in range(known.next_id, first))
        if known.begun:
            self.lost += first - known.next_id
            known.lost += first - known.next_id
        known.begun = True
        while len(known.missing) > _RENUMBERED:
            known.missing.popitem(last=False)
        known.next_id = first
        return self._in_order(known)

    def _came_late(self, known: _Session[T], number: int) -> None:
        self.late += 1
        if known.missing.pop(number):
            self.lost -= 1
            known.lost -= 1

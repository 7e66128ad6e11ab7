"""How much a sender may ask of us, and the account of it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from motif.errors import ConfigError

__all__ = ["BodyAccount", "HTTPLimits", "RateLimit", "TooLargeError", "TooMuchAtOnceError", "discard_body", "read_body"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_N_SENDERS = 4096
_DISCARD_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPLimits:
    """Bounds on what is received by HTTP push.

    Raises
    ------
    ConfigError
        One of them is not positive.
    """

    body_bytes: int = 4 * 2**20
    """Largest message: a minute of a busy phone, or what has piled up."""
    requests_at_once: int = 512
    bytes_at_once: int = 64 * 2**20
    """Of all bodies that are being received, together."""
    connections: int = 2048
    messages_per_s: float = 500.0
    """Of each device that a link is good for; bursts of five seconds are let through."""
    guesses_per_s: float = 10.0
    """Of each address that tries links that are not good; beyond it none of its requests is looked at."""
    body_timeout_s: float = 15.0
    """How long a body may take to arrive, and a new connection to say anything."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name}={getattr(self, name)} cannot be; want above 0")


class TooLargeError(Exception):
    """A body is larger than allowed, whatever its header said."""


class TooMuchAtOnceError(Exception):
    """All bodies together are larger than allowed."""


class RateLimit:
    """Token buckets by sender; the longest silent senders are forgotten.

    Examples
    --------
    >>> limit = RateLimit(burst_s=1.0)
    >>> [limit.allows("phone", per_s=2.0, now_ns=0) for _ in range(3)]
    [True, True, False]
    >>> limit.allows("phone", per_s=2.0, now_ns=500_000_000)
    True
    """

    def __init__(self, burst_s: float = 5.0) -> None:
        self._burst_s = burst_s
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def allows(self, sender: str, *, per_s: float, now_ns: int) -> bool:
        """Take one from the sender's allowance, if there is one left."""
        left = self._at(sender, per_s, now_ns)
        self._left[sender] = (left - 1 if left >= 1 else left, now_ns)
        self._left.move_to_end(sender)
        if len(self._left) > _N_SENDERS:
            self._left.popitem(last=False)
        return left >= 1

    def is_exhausted(self, sender: str, *, per_s: float, now_ns: int) -> bool:
        """Say whether the sender has none left, without taking one."""
        return self._at(sender, per_s, now_ns) < 1

    def _at(self, sender: str, per_s: float, now_ns: int) -> float:
        full = max(1.0, per_s * self._burst_s)
        left, then_ns = self._left.get(sender, (full, now_ns))
        return min(full, left + (now_ns - then_ns) / 1e9 * per_s)


class BodyAccount:
    """Bytes of bodies that are being received at present."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0


async def read_body(receive: Receive, limits: HTTPLimits, account: BodyAccount) -> bytes | None:
    """Read a request's body; None where the sender went away.

    Raises
    ------
    TooLargeError, TooMuchAtOnceError
        One of the limits; counted by what came, not by what the header says.
    """
    parts: list[bytes] = []
    size = 0
    try:
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return None
            part = event.get("body", b"")
            size += len(part)
            account.bytes += len(part)
            if size > limits.body_bytes or account.bytes > account.limit:
                if event.get("more_body"):
                    await discard_body(receive)
                raise TooLargeError if size > limits.body_bytes else TooMuchAtOnceError
            parts.append(part)
            if not event.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)
    finally:
        account.bytes -= size


async def discard_body(receive: Receive) -> None:
    """Let a sender finish, for a second, keeping nothing: it can read our answer then.

    A connection that is closed while data is on its way is reset, and the answer is lost with it.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_S):
            while (await receive()).get("more_body"):
                pass

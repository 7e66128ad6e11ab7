"""What every source keeps: a name, a state, readings to iterate over, and a line on how it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from motif.recordings import Readings

__all__ = ["Source", "SourceHealth", "SourceState"]


class SourceState(StrEnum):
    """Where a source stands."""

    DISCONNECTED = "disconnected"
    """Not opened yet."""
    CONNECTING = "connecting"
    """Opened, and nothing came yet."""
    CONNECTED = "connected"
    """The other side is there, or readings came since it was opened."""
    RECONNECTING = "reconnecting"
    """The connection was lost; it is tried again by itself."""
    ERROR = "error"
    """It cannot go on by itself: `health().message` says why."""
    STOPPED = "stopped"
    """Closed, or at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source is."""

    state: SourceState
    message: str
    """One line for a person; where readings are missing it names the likely cause."""
    rate_hz: Mapping[str, float] = field(default_factory=dict)
    """Present rate of each sensor; with several devices the names are `device/sensor`."""
    received: int = 0
    """Samples that came."""
    dropped: int = 0
    """Samples that came and were lost here, because nobody fetched them."""
    last_seen_s: float | None = None
    """How long ago the last reading came, in seconds; None where none did."""


@runtime_checkable
class Source(Protocol):
    """Live motion: open it, iterate over it, close it. It is an async context manager too.

    `open` returns when the source is ready to receive, whether or not anything came, and raises only what trying again
    cannot mend. Iterating ends when the source is closed or at its end. Readings are as the device gave them, in
    motif's units and signs; order and duplicates among them are left to the `Aligner`.
    """

    name: str

    @property
    def state(self) -> SourceState:
        """Where it stands."""
        ...

    async def open(self) -> None:
        """Start receiving. A source that is open already stays as it is."""
        ...

    async def close(self) -> None:
        """Stop, and free ports, devices and tasks. Closing twice is fine."""
        ...

    def __aiter__(self) -> AsyncIterator[Readings]:
        """Yield readings as they come."""
        ...

    def health(self) -> SourceHealth:
        """Say how it is."""
        ...

    async def __aenter__(self) -> Self:
        """Open."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        ...

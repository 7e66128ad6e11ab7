"""Where a recording session stands, and what it counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from motif.telemetry import REGISTRY

__all__ = ["RecorderCounts", "RecorderMetrics", "SessionState"]


class SessionState(StrEnum):
    """Where a recording session stands."""

    IDLE = "idle"
    """No session."""
    READY = "ready"
    """A session is open, nothing is recorded."""
    RECORDING = "recording"
    """Readings are taken."""
    CHECKING = "checking"
    """A take is being judged and stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderMetrics:
    """What a recorder did since it was made."""

    readings_accepted: int = 0
    readings_rejected: int = 0
    """Not usable: no numbers, impossible values, another device, nothing being recorded."""
    readings_dropped: int = 0
    """Pushed out of the ring buffer by later ones."""
    readings_unsaved: int = 0
    """Held in memory while the disk could not take them."""
    takes_kept: int = 0
    takes_refused: int = 0
    """Too short, too poor, nothing moved, or features that cannot be."""
    takes_discarded: int = 0
    takes_undone: int = 0
    takes_recovered: int = 0
    mean_quality: float = 0.0
    """Of the takes that were kept."""


class RecorderCounts:
    """Counts what a recorder does, here and in the process's registry."""

    def __init__(self) -> None:
        self.metrics = RecorderMetrics()

    def count(self, name: str, n: int = 1) -> None:
        """Add to one of the metrics."""
        if n:
            self.metrics = replace(self.metrics, **{name: getattr(self.metrics, name) + n})
            REGISTRY.count(f"recorder.{name}", n)

    def kept(self, quality: float) -> None:
        """Count a take that was kept."""
        n = self.metrics.takes_kept
        self.metrics = replace(self.metrics, mean_quality=(self.metrics.mean_quality * n + quality) / (n + 1))
        self.count("takes_kept")

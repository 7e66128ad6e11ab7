"""`Event`: a gesture that a device made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A gesture that was told in live motion. All times are the device's own, in nanoseconds since the epoch."""

    gesture: str
    device: str
    start_ns: int
    end_ns: int
    """The time of its last sample."""
    decided_ns: int
    """The time of the sample on which it was told."""
    confidence: float
    """Probability of `gesture`, 0…1."""
    outlier_score: float | None = None
    """How strange it looked to the recognizer; higher is stranger. None where the recognizer does not say."""

    @property
    def delay_s(self) -> float:
        """What a person feels as delay: from the gesture's end to the decision, in seconds."""
        return (self.decided_ns - self.end_ns) / 1e9

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, `delay_s` included."""
        return {
            "gesture": self.gesture,
            "device": self.device,
            "start_ns": self.start_ns,
            "end_ns": self.end_ns,
            "decided_ns": self.decided_ns,
            "delay_s": self.delay_s,
            "confidence": self.confidence,
            "outlier_score": self.outlier_score,
        }

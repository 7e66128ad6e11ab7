"""What a recognizer says of one movement."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RecognitionResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionResult:
    """What was recognized, how sure that is, and how long it took."""

    gesture: str | None
    """None where it is no gesture, or not surely enough one."""
    confidence: float
    """Of the best gesture, 0…1, calibrated; also where `gesture` is None."""
    processing_time_ms: float
    is_outlier: bool
    """It looks like nothing that was taught, by the 3-sigma rule."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """All gestures with their confidence, the best first."""
    outlier_score: float = 0.0
    """How strange it looks; higher is stranger, without a ceiling."""
    threshold: float = 0.7
    """What `confidence` had to reach."""
    from_cache: bool = True
    """Whether what was taught had been read before."""

"""Which frames are worth sending, gathered into batches of small JPEG images."""

from __future__ import annotations

from dataclasses import dataclass, field

from motif.optional import require
from motif.sources._camera_frames import Frame
from motif.sources._video_quality import frame_quality
from motif.sources._video_rate import FrameRate
from motif.telemetry import Registry

__all__ = ["Batch", "FrameGate"]


@dataclass(slots=True)
class Batch:
    """Frames that are sent together."""

    times_ns: list[int] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)
    """JPEG."""


class FrameGate:
    """Takes frames at the rate wanted, leaves out poor ones, and gives a batch when it is full.

    After a poor frame the very next one is looked at: a rate of good frames is wanted.
    """

    def __init__(
        self, rate: FrameRate, metrics: Registry, *, batch_size: int, least_quality: float, width_px: int, jpeg: int
    ) -> None:
        self._rate, self._metrics = rate, metrics
        self._batch_size, self._least_quality, self._width_px, self._jpeg = batch_size, least_quality, width_px, jpeg
        self._due_ns: int | None = None
        self._batch = Batch()
        self.last_quality: float | None = None
        """Of the newest frame that was looked at, 0 to 1."""

    def take(self, frame: Frame) -> Batch | None:
        """Look at a frame; return the batch that it fills."""
        self._metrics.count("frames_seen")
        if self._due_ns is not None and frame.time_ns < self._due_ns:
            return None
        quality = frame_quality(frame.image)
        self.last_quality = quality.score
        if quality.score < self._least_quality:
            self._metrics.count(f"frames_{quality.reason}")
            return None
        self._due_ns = frame.time_ns + round(1e9 / self._rate.hz)
        self._metrics.count("frames_kept")
        self._batch.times_ns.append(frame.time_ns)
        self._batch.images.append(self._encoded(frame))
        return self.rest() if len(self._batch.images) >= self._batch_size else None

    def rest(self) -> Batch | None:
        """Return what was gathered so far, and begin a new batch."""
        batch, self._batch = self._batch, Batch()
        return batch if batch.images else None

    def _encoded(self, frame: Frame) -> bytes:
        cv2 = require("cv2", extra="video")
        height, width = frame.image.shape[:2]
        small = frame.image
        if width > self._width_px:
            size = (self._width_px, max(1, round(height * self._width_px / width)))
            small = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)
        return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, self._jpeg])[1])

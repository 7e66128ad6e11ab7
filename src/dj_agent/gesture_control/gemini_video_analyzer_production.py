"""`GeminiVideoAnalyzer` is `motif.sources.GeminiVideoAnalyzer`."""

from motif.sources import GeminiVideoAnalyzer, VideoState

__all__ = ["GeminiVideoAnalyzer", "VideoState"]

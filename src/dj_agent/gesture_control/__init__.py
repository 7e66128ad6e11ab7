"""Live gesture control under the names that earlier code imports. All of it lives in `motif`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.sources import GeminiVideoAnalyzer, SensorLoggerBridge, SourceState, VideoState
    from motif.templates import (
        GestureDatabase,
        GestureRecognizer,
        GestureRecorder,
        GestureSample,
        GestureTemplate,
        RecognitionResult,
        SensorFeatures,
        SessionState,
    )
    from motif.terminal import TrainingUI
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "gemini_video_analyzer": ("GeminiVideoAnalyzer", "VideoState"),
            "sensor_logger_bridge": ("SensorLoggerBridge", "SourceState"),
            "trainer.gesture_database": ("GestureDatabase", "GestureSample", "GestureTemplate", "SensorFeatures"),
            "trainer.gesture_recognizer": ("GestureRecognizer", "RecognitionResult"),
            "trainer.gesture_recorder": ("GestureRecorder", "SessionState"),
            "trainer.training_ui": ("TrainingUI",),
        },
    )

__all__ = [
    "GeminiVideoAnalyzer",
    "GestureDatabase",
    "GestureRecognizer",
    "GestureRecorder",
    "GestureSample",
    "GestureTemplate",
    "RecognitionResult",
    "SensorFeatures",
    "SensorLoggerBridge",
    "SessionState",
    "SourceState",
    "TrainingUI",
    "VideoState",
]

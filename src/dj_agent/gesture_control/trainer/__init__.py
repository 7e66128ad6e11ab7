"""Database, recorder, recognizer and training menu: names of `motif.templates` and `motif.terminal`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
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
            "gesture_database": ("GestureDatabase", "GestureSample", "GestureTemplate", "SensorFeatures"),
            "gesture_recognizer": ("GestureRecognizer", "RecognitionResult"),
            "gesture_recorder": ("GestureRecorder", "SessionState"),
            "training_ui": ("TrainingUI",),
        },
    )

__all__ = [
    "GestureDatabase",
    "GestureRecognizer",
    "GestureRecorder",
    "GestureSample",
    "GestureTemplate",
    "RecognitionResult",
    "SensorFeatures",
    "SessionState",
    "TrainingUI",
]

"""Few examples: gestures taught by one to ten samples, their database, their recognizer.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.templates._classifier import TemplateClassifier
    from motif.templates._database import GestureDatabase
    from motif.templates._model import TemplateModel
    from motif.templates._recognizer import GestureRecognizer
    from motif.templates._recognizer_result import RecognitionResult
    from motif.templates._recorder import GestureRecorder
    from motif.templates._recorder_journal import InterruptedTake
    from motif.templates._recorder_states import RecorderMetrics, SessionState
    from motif.templates._sample import GestureSample
    from motif.templates._sensor_features import SensorFeatures
    from motif.templates._sensor_features_of import sensor_features
    from motif.templates._spotting import Spotted, Spotter
    from motif.templates._taught_quality import GestureQuality, LikelyConfusion, TaughtQuality, quality_of
    from motif.templates._template import GestureTemplate
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_classifier": ("TemplateClassifier",),
            "_database": ("GestureDatabase",),
            "_model": ("TemplateModel",),
            "_recognizer": ("GestureRecognizer",),
            "_recognizer_result": ("RecognitionResult",),
            "_recorder": ("GestureRecorder",),
            "_recorder_journal": ("InterruptedTake",),
            "_recorder_states": ("RecorderMetrics", "SessionState"),
            "_sample": ("GestureSample",),
            "_sensor_features": ("SensorFeatures",),
            "_sensor_features_of": ("sensor_features",),
            "_spotting": ("Spotted", "Spotter"),
            "_taught_quality": ("GestureQuality", "LikelyConfusion", "TaughtQuality", "quality_of"),
            "_template": ("GestureTemplate",),
        },
    )

__all__ = [
    "GestureDatabase",
    "GestureQuality",
    "GestureRecognizer",
    "GestureRecorder",
    "GestureSample",
    "GestureTemplate",
    "InterruptedTake",
    "LikelyConfusion",
    "RecognitionResult",
    "RecorderMetrics",
    "SensorFeatures",
    "SessionState",
    "Spotted",
    "Spotter",
    "TaughtQuality",
    "TemplateClassifier",
    "TemplateModel",
    "quality_of",
    "sensor_features",
]

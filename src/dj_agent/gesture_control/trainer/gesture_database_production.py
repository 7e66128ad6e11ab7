"""`GestureDatabase` is `motif.templates.GestureDatabase`."""

from motif.templates import GestureDatabase, GestureSample, GestureTemplate, SensorFeatures

__all__ = ["GestureDatabase", "GestureSample", "GestureTemplate", "SensorFeatures"]

"""`SensorLoggerBridge` is `motif.sources.SensorLoggerBridge`."""

from motif.sources import SensorLoggerBridge, SourceState

__all__ = ["SensorLoggerBridge", "SourceState"]

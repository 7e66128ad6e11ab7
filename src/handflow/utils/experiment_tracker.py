"""`create_tracker` and `ExperimentTracker` are those of `motif.tracking`."""

from motif.tracking import ExperimentTracker, create_tracker

__all__ = ["ExperimentTracker", "create_tracker"]

"""`GestureRecorder` is `motif.templates.GestureRecorder`."""

from motif.templates import GestureRecorder, SessionState

__all__ = ["GestureRecorder", "SessionState"]

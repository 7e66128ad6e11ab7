"""`GestureRecognizer` is `motif.templates.GestureRecognizer`."""

from motif.templates import GestureRecognizer, RecognitionResult

__all__ = ["GestureRecognizer", "RecognitionResult"]

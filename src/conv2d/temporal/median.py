"""`MedianHysteresisPolicy` is `motif.smoothing.MedianHysteresisPolicy`."""

from motif.smoothing import MedianHysteresisPolicy

__all__ = ["MedianHysteresisPolicy"]

"""Label streams smoothed: one interface, two policies. All of it lives in `motif.smoothing`."""

from conv2d.temporal.hsmm import HSMMPolicy
from conv2d.temporal.median import MedianHysteresisPolicy

__all__ = ["HSMMPolicy", "MedianHysteresisPolicy"]

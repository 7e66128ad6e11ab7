"""`HSMMPolicy` is `motif.smoothing.SemiMarkovPolicy`: exact decoding of a hidden semi-Markov model."""

from motif.smoothing import SemiMarkovPolicy as HSMMPolicy

__all__ = ["HSMMPolicy"]

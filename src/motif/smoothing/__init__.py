"""Label streams in, label streams out: flicker removed, dwell times kept, nothing invented.

A policy is one object with `smooth` for what is recorded and `live` for what is coming.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.smoothing._median import MedianHysteresisPolicy
    from motif.smoothing._policy import LiveSmoother, SmoothingPolicy
    from motif.smoothing._segment_decoder import SegmentDecoder
    from motif.smoothing._semi_markov import SemiMarkovPolicy
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_median": ("MedianHysteresisPolicy",),
            "_policy": ("LiveSmoother", "SmoothingPolicy"),
            "_segment_decoder": ("SegmentDecoder",),
            "_semi_markov": ("SemiMarkovPolicy",),
        },
    )

__all__ = ["LiveSmoother", "MedianHysteresisPolicy", "SegmentDecoder", "SemiMarkovPolicy", "SmoothingPolicy"]

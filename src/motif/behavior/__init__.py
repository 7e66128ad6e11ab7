"""No or few labels: what happened, when, and how sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.behavior._synchrony._measure import Measure, Synchrony, synchrony
    from motif.behavior.semi_markov._hsmm import HDPHSMM, HSMM
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "semi_markov._hsmm": ("HDPHSMM", "HSMM"),
            "_synchrony._measure": ("Measure", "Synchrony", "synchrony"),
        },
    )

__all__ = ["HDPHSMM", "HSMM", "Measure", "Synchrony", "synchrony"]

"""Hidden semi-Markov models: states that last, found without labels, decoded exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.behavior.semi_markov._hsmm import HDPHSMM, HSMM
    from motif.behavior.semi_markov._sampled import GibbsHDPHSMM
else:
    __getattr__, __dir__ = on_demand(__name__, {"_hsmm": ("HDPHSMM", "HSMM"), "_sampled": ("GibbsHDPHSMM",)})

__all__ = ["HDPHSMM", "HSMM", "GibbsHDPHSMM"]

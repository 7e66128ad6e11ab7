"""No or few labels: what happened, when, and how sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.behavior._synchrony._chance import Measure
    from motif.behavior._synchrony._drift import Drift, clock_drift
    from motif.behavior._synchrony._lead import LeadOverTime
    from motif.behavior._synchrony._measure import Synchrony, synchrony
    from motif.behavior._synchrony._pairing import Pair, pair_recordings
    from motif.behavior._synchrony._pseudo import PairEffect, pseudo_pairs
    from motif.behavior._synchrony._recurrence import Recurrence, cross_recurrence, recurrence_radius
    from motif.behavior._synchrony._report import synchrony_report
    from motif.behavior._synchrony._states import CoupledStates, StateSynchrony, state_synchrony
    from motif.behavior._synchrony._warping import Warping, warp
    from motif.behavior.discover._discover import StateFinder
    from motif.behavior.discover._doubt import brief_states, cut_short, few_segments
    from motif.behavior.discover._hidden import hidden_points
    from motif.behavior.encode._classifier import BehaviorClassifier
    from motif.behavior.encode._encode_fsq import encode_fsq
    from motif.behavior.semi_markov._hsmm import HDPHSMM, HSMM
    from motif.behavior.semi_markov._sampled import GibbsHDPHSMM
    from motif.behavior.streams._classifier import StreamClassifier
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "encode._classifier": ("BehaviorClassifier",),
            "encode._encode_fsq": ("encode_fsq",),
            "semi_markov._hsmm": ("HDPHSMM", "HSMM"),
            "semi_markov._sampled": ("GibbsHDPHSMM",),
            "streams._classifier": ("StreamClassifier",),
            "discover._discover": ("StateFinder",),
            "discover._doubt": ("brief_states", "cut_short", "few_segments"),
            "discover._hidden": ("hidden_points",),
            "_synchrony._chance": ("Measure",),
            "_synchrony._drift": ("Drift", "clock_drift"),
            "_synchrony._lead": ("LeadOverTime",),
            "_synchrony._measure": ("Synchrony", "synchrony"),
            "_synchrony._pairing": ("Pair", "pair_recordings"),
            "_synchrony._pseudo": ("PairEffect", "pseudo_pairs"),
            "_synchrony._recurrence": ("Recurrence", "cross_recurrence", "recurrence_radius"),
            "_synchrony._report": ("synchrony_report",),
            "_synchrony._states": ("CoupledStates", "StateSynchrony", "state_synchrony"),
            "_synchrony._warping": ("Warping", "warp"),
        },
    )

__all__ = [
    "HDPHSMM",
    "HSMM",
    "BehaviorClassifier",
    "CoupledStates",
    "Drift",
    "GibbsHDPHSMM",
    "LeadOverTime",
    "Measure",
    "Pair",
    "PairEffect",
    "Recurrence",
    "StateFinder",
    "StateSynchrony",
    "StreamClassifier",
    "Synchrony",
    "Warping",
    "brief_states",
    "clock_drift",
    "cross_recurrence",
    "cut_short",
    "encode_fsq",
    "few_segments",
    "hidden_points",
    "pair_recordings",
    "pseudo_pairs",
    "recurrence_radius",
    "state_synchrony",
    "synchrony",
    "synchrony_report",
    "warp",
]

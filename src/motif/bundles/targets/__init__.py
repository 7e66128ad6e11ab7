"""A trained network as ONNX, LiteRT (TFLite), C source, PyTorch or Core ML; each checked against where it came from.

Every step runs in a process of its own with the one framework it needs, so that none has to live beside another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.bundles.targets._compare import Outcome, convert_all
    from motif.bundles.targets._convert import Converted, convert, from_torch
    from motif.bundles.targets._formats import TARGETS
    from motif.bundles.targets._gates import EXPERIMENT, Gates
    from motif.bundles.targets._hailo import HailoCheck, check_for_hailo, hailo_answers, hailo_files
    from motif.bundles.targets._verdict import Check, Verdict
    from motif.bundles.targets._verify import VERIFIED, verify
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_compare": ("Outcome", "convert_all"),
            "_convert": ("Converted", "convert", "from_torch"),
            "_formats": ("TARGETS",),
            "_gates": ("EXPERIMENT", "Gates"),
            "_hailo": ("HailoCheck", "check_for_hailo", "hailo_answers", "hailo_files"),
            "_verdict": ("Check", "Verdict"),
            "_verify": ("VERIFIED", "verify"),
        },
    )

__all__ = [
    "EXPERIMENT",
    "TARGETS",
    "VERIFIED",
    "Check",
    "Converted",
    "Gates",
    "HailoCheck",
    "Outcome",
    "Verdict",
    "check_for_hailo",
    "convert",
    "convert_all",
    "from_torch",
    "hailo_answers",
    "hailo_files",
    "verify",
]

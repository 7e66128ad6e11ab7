"""Windows into codes: encoders, and quantizers (FSQ, VQ) on one interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.behavior.encode._encode_fsq import Encoded, Encoder, MotionBank, encode_fsq
    from motif.behavior.encode._fsq import FSQ
    from motif.behavior.encode._quantizer import CodeUsage, Quantizer
    from motif.behavior.encode._registry import QUANTIZERS
    from motif.behavior.encode._vq import VQ
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_encode_fsq": ("Encoded", "Encoder", "MotionBank", "encode_fsq"),
            "_fsq": ("FSQ",),
            "_quantizer": ("CodeUsage", "Quantizer"),
            "_registry": ("QUANTIZERS",),
            "_vq": ("VQ",),
        },
    )

__all__ = ["FSQ", "QUANTIZERS", "VQ", "CodeUsage", "Encoded", "Encoder", "MotionBank", "Quantizer", "encode_fsq"]

"""Windows into codes: encoders, and quantizers (FSQ, VQ) on one interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.behavior.encode._classifier import BehaviorClassifier
    from motif.behavior.encode._encode_fsq import Encoded, Encoder, MotionBank, encode_fsq
    from motif.behavior.encode._fsq import FSQ
    from motif.behavior.encode._onnx_encoder import OnnxEncoder
    from motif.behavior.encode._quantizer import CodeUsage, Quantizer
    from motif.behavior.encode._registry import quantizers
    from motif.behavior.encode._vq import VQ
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_classifier": ("BehaviorClassifier",),
            "_encode_fsq": ("Encoded", "Encoder", "MotionBank", "encode_fsq"),
            "_fsq": ("FSQ",),
            "_onnx_encoder": ("OnnxEncoder",),
            "_quantizer": ("CodeUsage", "Quantizer"),
            "_registry": ("quantizers",),
            "_vq": ("VQ",),
        },
    )

__all__ = [
    "FSQ",
    "VQ",
    "BehaviorClassifier",
    "CodeUsage",
    "Encoded",
    "Encoder",
    "MotionBank",
    "OnnxEncoder",
    "Quantizer",
    "encode_fsq",
    "quantizers",
]

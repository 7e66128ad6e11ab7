"""Windows into codes."""

from conv2d.features.fsq_contract import Encoded, encode_fsq

__all__ = ["Encoded", "encode_fsq"]

"""The FSQ contract: (B, 9, 2, 100) float32 in, the same codes for the same window always."""

from motif.behavior.encode import Encoded, encode_fsq

__all__ = ["Encoded", "encode_fsq"]

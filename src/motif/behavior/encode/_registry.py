"""The quantizers there are, by the name an experiment file calls them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._quantizer import Quantizer
from motif.behavior.encode._vq import VQ

__all__ = ["QUANTIZERS"]

QUANTIZERS: Mapping[str, type[Quantizer]] = MappingProxyType({"fsq": FSQ, "vq": VQ})

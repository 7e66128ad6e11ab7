"""The quantizers there are, by the name an experiment file calls them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._quantizer import Quantizer
from motif.behavior.encode._vq import VQ

__all__ = ["quantizers"]

GROUP = "motif.quantizers"
"""Entry points under which other packages register theirs."""


def quantizers() -> Mapping[str, type[Quantizer]]:
    """Return every quantizer by its name: `fsq`, `vq`, and what other packages registered."""
    ours: dict[str, type[Quantizer]] = {"fsq": FSQ, "vq": VQ}
    return {point.name: point.load() for point in entry_points(group=GROUP)} | ours

"""Packs for devices, made, checked and kept; see `motif.bundles.pack`."""

from motif.bundles.pack import archive, clean, create, extract, find, packs
from motif.bundles.targets import verify

__all__ = ["archive", "clean", "create", "extract", "find", "packs", "verify"]

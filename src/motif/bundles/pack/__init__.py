"""Packs: a recognizer with everything a device needs, in `artifacts/HASH/`, named by a hash of its content.

A pack is a bundle (`motif.bundles.load` reads it) with further targets beside its model, a bill of materials, and a
plain word on every target that could not be made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.bundles.pack._archive import archive, extract
    from motif.bundles.pack._create import create
    from motif.bundles.pack._shelf import Pack, clean, damaged, find, packs
    from motif.bundles.pack._signature import check_signature, new_key, sign
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_archive": ("archive", "extract"),
            "_create": ("create",),
            "_shelf": ("Pack", "clean", "damaged", "find", "packs"),
            "_signature": ("check_signature", "new_key", "sign"),
        },
    )

__all__ = [
    "Pack",
    "archive",
    "check_signature",
    "clean",
    "create",
    "damaged",
    "extract",
    "find",
    "new_key",
    "packs",
    "sign",
]

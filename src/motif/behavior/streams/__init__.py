"""What somebody does at every moment of a recording that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.behavior.streams._classifier import StreamClassifier
else:
    __getattr__, __dir__ = on_demand(__name__, {"_classifier": ("StreamClassifier",)})

__all__ = ["StreamClassifier"]

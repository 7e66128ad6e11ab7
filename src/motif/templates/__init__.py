"""Few examples: gestures taught by one to ten samples, their database, their recognizer.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.templates._classifier import TemplateClassifier
    from motif.templates._model import TemplateModel
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_classifier": ("TemplateClassifier",),
            "_model": ("TemplateModel",),
        },
    )

__all__ = ["TemplateClassifier", "TemplateModel"]

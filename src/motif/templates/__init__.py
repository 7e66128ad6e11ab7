"""Few examples: gestures taught by one to ten samples, their database, their recognizer.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.templates._classifier import TemplateClassifier
    from motif.templates._model import TemplateModel
    from motif.templates._spotting import Spotted, Spotter
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_classifier": ("TemplateClassifier",),
            "_model": ("TemplateModel",),
            "_spotting": ("Spotted", "Spotter"),
        },
    )

__all__ = ["Spotted", "Spotter", "TemplateClassifier", "TemplateModel"]

"""The training menu in the terminal: teach a gesture, practise it, look how well it goes.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.terminal._session import TrainingSession
    from motif.terminal._take_cutter import TakeCutter
    from motif.terminal._training_ui import TrainingUI
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_session": ("TrainingSession",),
            "_take_cutter": ("TakeCutter",),
            "_training_ui": ("TrainingUI",),
        },
    )

__all__ = ["TakeCutter", "TrainingSession", "TrainingUI"]

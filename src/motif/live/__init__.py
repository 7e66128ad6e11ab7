"""Live motion to events to actions.

`Engine` is the part that computes: readings in, events out, without clocks, sockets or threads, so that a replay equals
the live run. `Runner` puts it between a source and the actions that an `ActionMap` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.live._config import Agreement, EngineConfig
    from motif.live._engine import Engine
    from motif.live._event import Event
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_config": ("Agreement", "EngineConfig"),
            "_engine": ("Engine",),
            "_event": ("Event",),
        },
    )

__all__ = ["Agreement", "Engine", "EngineConfig", "Event"]

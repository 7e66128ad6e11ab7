"""Live motion to events to actions.

`Engine` is the part that computes: readings in, events out, without clocks, sockets or threads, so that a replay equals
the live run. `Runner` puts it between a source and the actions that an `ActionMap` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.live._action_map import ActionMap, DeckSettings, GestureRule, PanicSettings, TempoSettings
    from motif.live._conductor import Conductor, Decision
    from motif.live._config import Agreement, EngineConfig
    from motif.live._decks import Decks
    from motif.live._engine import Engine
    from motif.live._event import Event
    from motif.live._performer import Outcome, Performer
    from motif.live._raw_journals import RawJournals
    from motif.live._runner import Runner
    from motif.live._taught import Taught, taught
    from motif.live._tempo import Tempo
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_action_map": ("ActionMap", "DeckSettings", "GestureRule", "PanicSettings", "TempoSettings"),
            "_conductor": ("Conductor", "Decision"),
            "_config": ("Agreement", "EngineConfig"),
            "_decks": ("Decks",),
            "_engine": ("Engine",),
            "_event": ("Event",),
            "_performer": ("Outcome", "Performer"),
            "_raw_journals": ("RawJournals",),
            "_runner": ("Runner",),
            "_taught": ("Taught", "taught"),
            "_tempo": ("Tempo",),
        },
    )

__all__ = [
    "ActionMap",
    "Agreement",
    "Conductor",
    "Decision",
    "DeckSettings",
    "Decks",
    "Engine",
    "EngineConfig",
    "Event",
    "GestureRule",
    "Outcome",
    "PanicSettings",
    "Performer",
    "RawJournals",
    "Runner",
    "Taught",
    "Tempo",
    "TempoSettings",
    "taught",
]

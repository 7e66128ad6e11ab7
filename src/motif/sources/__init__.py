"""Live motion behind one interface: phones over HTTP, MQTT and WebSocket, cameras, replay, the simulator.

A source is opened, iterated over and closed; it gives `Readings`, never blocks on a slow reader, and says in one line
how it is. Time comes from a `Clock`, so that tests move it by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.sources._backoff import Backoff
    from motif.sources._buffer import ReadingsBuffer
    from motif.sources._buffered import BufferedSource, SilenceHints
    from motif.sources._clock import Clock, ManualClock, SystemClock
    from motif.sources._source import Source, SourceHealth, SourceState
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_backoff": ("Backoff",),
            "_buffer": ("ReadingsBuffer",),
            "_buffered": ("BufferedSource", "SilenceHints"),
            "_clock": ("Clock", "ManualClock", "SystemClock"),
            "_source": ("Source", "SourceHealth", "SourceState"),
        },
    )

__all__ = [
    "Backoff",
    "BufferedSource",
    "Clock",
    "ManualClock",
    "ReadingsBuffer",
    "SilenceHints",
    "Source",
    "SourceHealth",
    "SourceState",
    "SystemClock",
]

"""A recording through a bundle as live motion goes, and what was told against what was annotated."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.live import Agreement, Event
    from motif.recordings import Recording

__all__ = ["Replay", "replay"]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found."""

    events: tuple[Event, ...]
    n_annotated: int
    n_found: int
    """Annotated movements with an event of their name whose window overlaps them."""
    n_wrong: int
    """Events beside."""
    median_delay_s: float | None
    """From the end of a movement to when its event was decided; None where none was found."""


def replay(recognizer: BundleRecognizer, recording: Recording, agreement: Agreement) -> Replay:
    """Give a recording to the live engine and compare its events with the annotations.

    Parameters
    ----------
    recognizer : BundleRecognizer
    recording : Recording
        With annotations, in motif's units.
    agreement : Agreement
        When windows make an event, and which labels, such as rest, are none.
    """
    from motif.evaluation import segment_f1
    from motif.live import Engine, EngineConfig
    from motif.recordings import Readings

    engine = Engine(recognizer, EngineConfig(agreement=agreement))
    readings = Readings(
        device="replay", channels=recording.channels, time_ns=recording.time_ns, values=recording.values
    )
    events = (*engine.step(readings), *engine.flush())
    wanted = [mark for mark in recording.annotations if mark.label not in agreement.ordinary]
    pairs = segment_f1(
        [(mark.start_ns, mark.stop_ns, mark.label) for mark in wanted],
        [(event.start_ns, event.end_ns, event.gesture) for event in events],
        overlap=0.0,
    ).pairs
    delays = [(events[j].decided_ns - wanted[i].stop_ns) / 1e9 for i, j in pairs]
    return Replay(
        events=events,
        n_annotated=len(wanted),
        n_found=len(pairs),
        n_wrong=len(events) - len(pairs),
        median_delay_s=median(delays) if delays else None,
    )

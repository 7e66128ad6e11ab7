"""A recording through a bundle as if it came in live, and what was made of it against what was annotated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.recordings import Annotation, Recording

__all__ = ["Event", "Replay", "replay"]


@dataclass(frozen=True, slots=True)
class Event:
    """A run of windows that say the same."""

    label: str
    start_ns: int
    """Middle of the first window."""
    stop_ns: int
    """Middle of the last window."""
    known_ns: int
    """When the event could be told: the last sample of the window that made the run long enough."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found."""

    events: tuple[Event, ...]
    n_annotated: int
    n_found: int
    """Annotated movements during which an event of their name was told."""
    n_wrong: int
    """Events that stand on no annotated movement of their name."""
    median_delay_s: float | None
    """From the end of a movement to when its event could be told; None where none was found."""


def replay(
    recognizer: BundleRecognizer,
    recording: Recording,
    *,
    ordinary: frozenset[str],
    hop_s: float = 0.05,
    n_windows: int = 6,
) -> Replay:
    """Give the windows of a recording to a bundle one by one, in their order, and compare events with annotations.

    Parameters
    ----------
    recognizer : BundleRecognizer
    recording : Recording
        With annotations.
    ordinary : set of str
        Labels that are no events, such as rest.
    hop_s : s
        Time between two windows.
    n_windows : int
        How many windows in a row must agree, none of them an outlier.
    """
    events = tuple(_events(recognizer, recording, ordinary, hop_s, n_windows))
    wanted = [mark for mark in recording.annotations if mark.label not in ordinary]
    pairs = [(mark, event) for mark in wanted if (event := _first_on(mark, events)) is not None]
    used = {id(event) for mark in wanted for event in events if _stands_on(event, mark)}
    delays = sorted((event.known_ns - mark.stop_ns) / 1e9 for mark, event in pairs)
    return Replay(
        events=events,
        n_annotated=len(wanted),
        n_found=len(pairs),
        n_wrong=sum(id(event) not in used for event in events),
        median_delay_s=delays[len(delays) // 2] if delays else None,
    )


def _events(
    recognizer: BundleRecognizer, recording: Recording, ordinary: frozenset[str], hop_s: float, n_windows: int
) -> Iterator[Event]:
    from motif.bundles import cut

    pieces = cut(recording, recognizer.config.window, hop_s=hop_s)
    run: list[tuple[int, int]] = []
    before = None
    for window, start, stop in zip(pieces.X, pieces.start_ns.tolist(), pieces.stop_ns.tolist(), strict=True):
        prediction = recognizer.recognize(window)
        label = None if prediction.is_outlier or prediction.label in ordinary else str(prediction.label)
        if label != before:
            yield from _closed(before, run, n_windows)
            run = []
        before = label
        run.append(((start + stop) // 2, stop))
    yield from _closed(before, run, n_windows)


def _closed(label: str | None, run: list[tuple[int, int]], n_windows: int) -> Iterator[Event]:
    if label is not None and len(run) >= n_windows:
        yield Event(label, start_ns=run[0][0], stop_ns=run[-1][0], known_ns=run[n_windows - 1][1])


def _first_on(mark: Annotation, events: tuple[Event, ...]) -> Event | None:
    return next((event for event in events if _stands_on(event, mark)), None)


def _stands_on(event: Event, mark: Annotation) -> bool:
    return event.label == mark.label and event.start_ns <= mark.stop_ns and event.stop_ns >= mark.start_ns

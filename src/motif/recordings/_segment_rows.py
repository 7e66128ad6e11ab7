"""What every file of labelled spans is made of: annotations of recordings, by seconds since the recording's start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motif.errors import InputError, TooFewSamplesError
from motif.recordings._recording import Recording

__all__ = ["SegmentRow", "as_recordings", "observation_names", "segment_rows"]


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A labelled span."""

    label: str
    start_s: float
    stop_s: float
    start_ns: int
    stop_ns: int


def as_recordings(recordings: Recording | Sequence[Recording]) -> tuple[Recording, ...]:
    """Return one or several as several.

    Raises
    ------
    TooFewSamplesError
        There is none, or one without a sample, so without a start.
    """
    several = (recordings,) if isinstance(recordings, Recording) else tuple(recordings)
    if not several or not all(recording.n_samples for recording in several):
        raise TooFewSamplesError("labelled spans need a recording with samples: times count from its first one")
    return several


def segment_rows(recording: Recording) -> list[SegmentRow]:
    """Return the annotations in the order of their starts; seconds count from the first sample.

    Raises
    ------
    InputError
        An annotation begins before the recording does.
    """
    origin = int(recording.time_ns.min())
    rows = []
    for annotation in sorted(recording.annotations, key=lambda a: (a.start_ns, a.stop_ns, a.label)):
        if annotation.start_ns < origin:
            raise InputError(
                f"annotation {annotation.label!r} begins {(origin - annotation.start_ns) / 1e9:.3g} s before the first "
                "sample; cut it to the recording first (Recording.slice_time)"
            )
        start, stop = annotation.start_ns, annotation.stop_ns
        rows.append(SegmentRow(annotation.label, (start - origin) / 1e9, (stop - origin) / 1e9, start, stop))
    return rows


def observation_names(recordings: Sequence[Recording]) -> list[str]:
    """Return a name for each that no other has: subject and session, and a number where that is not enough."""
    plain = [" ".join(filter(None, (r.subject, r.session))) or "recording" for r in recordings]
    taken: list[str] = []
    for name in plain:
        free = (f"{name} {k}" for k in range(1, 2 * len(plain) + 1))
        alone = plain.count(name) == 1 and name not in taken
        taken.append(name if alone else next(one for one in free if one not in taken and one not in plain))
    return taken

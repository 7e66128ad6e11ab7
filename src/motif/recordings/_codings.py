"""Behaviour that somebody coded in BORIS or ELAN: read, chosen from, and put onto the recording it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from motif.errors import ConfigError, FormatError, InputError, LabelError
from motif.recordings._checked import FARTHEST_NS
from motif.recordings._coding_projects import boris_rows, elan_rows
from motif.recordings._coding_rows import CodedRow, CodedSpan, spans_of
from motif.recordings._coding_tables import table_rows
from motif.recordings._existing import existing
from motif.recordings._recording import Annotation, Recording
from motif.recordings.readers._members import read_limited

__all__ = ["Codings", "annotate", "read_codings"]

_MAX_BYTES = 32 << 20
"""A year of coding is below a tenth of this."""
_READERS = {
    ".boris": boris_rows,
    ".eaf": elan_rows,
    ".csv": table_rows,
    ".tsv": table_rows,
    ".txt": table_rows,
}


@dataclass(frozen=True, slots=True)
class Codings:
    """All that a file of codings holds."""

    path: Path
    rows: tuple[CodedRow, ...]

    @property
    def observations(self) -> tuple[str, ...]:
        """Observations of BORIS, tiers of ELAN."""
        return tuple(dict.fromkeys(row.observation for row in self.rows))

    def spans(
        self, *, observation: str | None = None, subject: str | None = None, names: Sequence[str] = ()
    ) -> tuple[CodedSpan, ...]:
        """Return what was coded in one observation of one subject, in the order of the starts.

        Parameters
        ----------
        observation, subject : str, optional
            Which; need not be said where there is one only.
        names : sequence of str
            What the recording is called: an observation or subject of that name is taken where none is asked for.

        Raises
        ------
        LabelError
            There is none of that name, or there are several and none was chosen.
        FormatError
            A state has no start or no stop, a time is none.
        """
        rows = self._chosen(self.rows, "observation", observation, names)
        return spans_of(self._chosen(rows, "subject", subject, names), self.path)

    def _chosen(
        self, rows: Sequence[CodedRow], what: str, wanted: str | None, names: Sequence[str]
    ) -> Sequence[CodedRow]:
        there = list(dict.fromkeys(getattr(row, what) for row in rows))
        if wanted is None:
            wanted = next((name for name in names if name in there), None) if len(there) > 1 else there[0]
        if wanted in there:
            return [row for row in rows if getattr(row, what) == wanted]
        problem = f"no {what} {wanted!r}" if wanted is not None else f"several {what}s"
        listed = ", ".join(map(repr, there[:50]))
        raise LabelError(f"{self.path} holds {problem}: there are {listed}; choose one ({what}, --{what})")


def read_codings(path: str | Path) -> Codings:
    """Read what was coded; nothing in the file can run.

    Parameters
    ----------
    path : str or Path
        A BORIS project (`.boris`), its events or aggregated events as a table (`.tsv`, `.csv`), an ELAN document
        (`.eaf`), its tab-delimited text with column headers (`.txt`), or what `write_segments` writes as `.csv`.

    Raises
    ------
    MissingFileError, ConfigError
        Nothing is there; another extension.
    FormatError
        The file is not what its extension says, larger than 32 MB, or holds no coding.
    """
    path = existing(path, want="a file of BORIS or ELAN")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ConfigError(f"{path.name} has extension {path.suffix!r}; want one of {', '.join(_READERS)}")
    if path.is_file() and path.stat().st_size > _MAX_BYTES:
        problem = f"holds {path.stat().st_size:,} bytes, more than {_MAX_BYTES:,}"
        raise FormatError(path, problem, hint="export fewer observations")
    rows = reader(read_limited(path), path)
    if not rows:
        raise FormatError(path, "holds no coding", hint="code something, or export the observation that has events")
    return Codings(path, tuple(rows))


def annotate(recording: Recording, spans: Sequence[CodedSpan], *, offset_s: float = 0.0) -> Recording:
    """Return the recording with these spans as its annotations, cut to the time it covers.

    Parameters
    ----------
    recording : Recording
    spans : sequence of CodedSpan
    offset_s : float
        When the coded media began, in seconds after the recording's first sample; below 0 where it began before.

    Raises
    ------
    TooFewSamplesError, InputError, LabelError
        The recording has no sample, the spans are all outside it, or there is none.
    """
    if not spans or not recording.n_samples:
        raise LabelError(f"{len(spans)} codings for {recording.n_samples} samples; want at least one of each")
    first, last = int(recording.time_ns.min()), int(recording.time_ns.max())
    begin, end = (offset_s + at for at in (min(s.start_s for s in spans), max(s.stop_s for s in spans)))
    if not (abs(begin) < FARTHEST_NS / 1e9 and begin <= (last - first) / 1e9 and end >= 0):
        raise InputError(
            f"the codings lie from {begin:g} s to {end:g} s after the recording's first sample, the recording from 0 s "
            f"to {(last - first) / 1e9:g} s: they share no time; say when the coded media began (offset_s, --offset)"
        )
    times = [(round((span.start_s + offset_s) * 1e9), round((span.stop_s + offset_s) * 1e9)) for span in spans]
    marks = tuple(
        Annotation(first + start, first + stop, span.label) for (start, stop), span in zip(times, spans, strict=True)
    )
    return replace(recording, annotations=marks).slice_time(first, last + 1)

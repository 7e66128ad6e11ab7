"""BORIS: a project that the program opens, or its table of aggregated events."""

from __future__ import annotations

import csv
import io
import json
import string
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from motif.errors import ConfigError
from motif.files import write_bytes
from motif.recordings._recording import Recording
from motif.recordings._segment_rows import SegmentRow, as_recordings, observation_names, segment_rows

__all__ = ["write_boris"]

_KEYS = string.ascii_lowercase + string.digits
_COLUMNS = (
    *("Observation id", "Observation date", "Description", "Observation duration", "Observation type", "Source"),
    *("Subject", "Behavior", "Behavioral category", "Behavior type", "Modifiers"),
    *("Start (s)", "Stop (s)", "Duration (s)", "Comment start", "Comment stop"),
)


def write_boris(
    recordings: Recording | Sequence[Recording], path: str | Path, *, descriptions: Mapping[str, str] | None = None
) -> Path:
    """Write annotations for BORIS, an observation a recording; times count from each recording's first sample.

    Parameters
    ----------
    recordings : Recording or sequence of Recording
        Their annotations are written: a label is a behaviour, a span a state event, a moment a point event.
    path : str or Path
        `.boris` makes a project, to be opened; `.tsv` or `.csv` a table of aggregated events, as BORIS exports it.
    descriptions : mapping, optional
        From labels to what they mean, for the project's ethogram.

    Raises
    ------
    ConfigError
        Another extension.
    InputError, TooFewSamplesError
        A recording without samples, an annotation before its first one.
    WriteError

    References
    ----------
    Friard & Gamba (2016), "BORIS: a free, versatile open-source event-logging software for video/audio coding and live
    observations"; project format 7.0.
    """
    path, several = Path(path), as_recordings(recordings)
    if path.suffix == ".boris":
        project = _project(several, path.stem, descriptions or {})
        content = json.dumps(project, ensure_ascii=False, indent=1)
    elif path.suffix in (".tsv", ".csv"):
        content = _table(several, "\t" if path.suffix == ".tsv" else ",")
    else:
        raise ConfigError(f"{path.name} has extension {path.suffix!r}; want .boris, or .tsv or .csv for a table")
    write_bytes(path, content.encode())
    return path


def _project(recordings: Sequence[Recording], name: str, descriptions: Mapping[str, str]) -> dict[str, Any]:
    rows = [segment_rows(recording) for recording in recordings]
    labels = sorted({row.label for part in rows for row in part})
    moments = {row.label for part in rows for row in part if _is_moment(row)}
    moments -= {row.label for part in rows for row in part if not _is_moment(row)}  # a behaviour is of one kind
    subjects = sorted({recording.subject for recording in recordings if recording.subject})
    return {
        "time_format": "hh:mm:ss",
        "project_date": _date(recordings[0]),
        "project_name": name,
        "project_description": "written by motif",
        "project_format_version": "7.0",
        "subjects_conf": {
            str(i): {"key": _key(i), "name": subject, "description": ""} for i, subject in enumerate(subjects)
        },
        "behaviors_conf": {
            str(i): {
                "type": "Point event" if label in moments else "State event",
                "key": _key(i),
                "code": label,
                "description": descriptions.get(label, ""),
                "category": "",
                "modifiers": {},
                "excluded": "",
                "coding map": "",
            }
            for i, label in enumerate(labels)
        },
        "observations": {
            observation: _observation(recording, part, moments)
            for observation, recording, part in zip(observation_names(recordings), recordings, rows, strict=True)
        },
        "behavioral_categories": [],
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }


def _observation(recording: Recording, rows: Sequence[SegmentRow], moments: set[str]) -> dict[str, Any]:
    return {
        "file": [],
        "type": "LIVE",
        "date": _date(recording),
        "description": "",
        "time offset": 0.0,
        "events": _events(recording.subject, rows, moments),
        "observation time interval": [0, 0],
        "independent_variables": {},
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "close_behaviors_between_videos": False,
        "scan_sampling_time": 0,
        "start_from_current_time": False,
        "start_from_current_epoch_time": False,
        "media_info": {"offset": {}},
    }


def _events(subject: str, rows: Sequence[SegmentRow], moments: set[str]) -> list[list[object]]:
    """Return [time, subject, code, modifier, comment] in the order of time; a state's two events open and close it."""
    events: list[tuple[float, int, str]] = []
    for row in rows:
        events.append((row.start_s, 1, row.label))
        if row.label not in moments:
            events.append((max(row.stop_s, row.start_s + 0.001), 0, row.label))  # one closes before the next opens
    return [[round(time, 3), subject, label, "", ""] for time, _, label in sorted(events)]


def _table(recordings: Sequence[Recording], delimiter: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for observation, recording in zip(observation_names(recordings), recordings, strict=True):
        about = (observation, _date(recording), "", f"{recording.duration_s:.3f}", "Live observation", "")
        for row in segment_rows(recording):
            kind = "POINT" if _is_moment(row) else "STATE"
            times = (f"{t:.3f}" for t in (row.start_s, row.stop_s, row.stop_s - row.start_s))
            writer.writerow((*about, recording.subject or "No focal subject", row.label, "", kind, "", *times, "", ""))
    return file.getvalue()


def _is_moment(row: SegmentRow) -> bool:
    return row.start_ns == row.stop_ns


def _date(recording: Recording) -> str:
    return datetime.fromtimestamp(int(recording.time_ns.min()) // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _key(i: int) -> str:
    return _KEYS[i] if i < len(_KEYS) else ""

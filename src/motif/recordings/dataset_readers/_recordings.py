"""A folder of recordings with annotations, in any format that `motif.recordings.read` knows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from motif.errors import FormatError
from motif.recordings._dataset import Dataset
from motif.recordings._read import read
from motif.recordings._reader import SubjectReader
from motif.recordings._recording import Recording
from motif.recordings._registry import find_reader
from motif.recordings._windowing import windows_from_recordings
from motif.recordings.dataset_readers._layout import Layout
from motif.recordings.readers._columns import ColumnMap

__all__ = ["LAYOUT", "read_recordings", "read_with", "recordings_in"]


def read_recordings(
    path: Path,
    *,
    window_s: float = 1.0,
    hop_s: float | None = None,
    rate_hz: float | None = None,
    channels: Sequence[str] | None = None,
    background: str | None = None,
    min_share: float = 0.5,
    columns: ColumnMap | Mapping[str, Any] | str | Path | None = None,
) -> Dataset:
    """Read every recording of a folder, or one recording, and cut it into windows by its annotations.

    Options are those of `windows_from_recordings`; `columns` is the column map of `motif.recordings.read`.

    Raises
    ------
    FormatError
        There is no recording, or one is damaged.
    LabelError
        None is annotated.
    """
    files = recordings_in(path)
    if not files:
        raise FormatError(
            path, "it holds no recording that a reader knows", hint="motif.recordings.known_readers() lists them"
        )
    named = {
        file.name if len(found) == 1 else f"{file.name}: {recording.subject or 'nobody named'}": recording
        for file in files
        for found in [_each(file, columns)]
        for recording in found
    }
    return windows_from_recordings(
        list(named.values()),
        window_s,
        hop_s,
        rate_hz=rate_hz,
        channels=channels,
        background=background,
        min_share=min_share,
        name=path.resolve().stem,
        recording_names=list(named),
    )


def read_with(path: Path, columns: ColumnMap | Mapping[str, Any] | str | Path | None) -> Recording:
    """Read a recording; where there is a column map, the reader has to take one."""
    return read(path) if columns is None else read(path, columns=columns)


def _each(path: Path, columns: ColumnMap | Mapping[str, Any] | str | Path | None) -> tuple[Recording, ...]:
    """Return the recording of each subject, where the reader knows them apart; else the one there is."""
    reader = find_reader(path)
    if isinstance(reader, SubjectReader):
        return reader.read_subjects(path, columns=columns)
    return (read_with(path, columns),)


def recordings_in(path: Path) -> list[Path]:
    """Return the recordings that a folder holds, or the path itself where it is one."""
    if _is_known(path):
        return [path]
    return [child for child in sorted(path.iterdir()) if _is_known(child)] if path.is_dir() else []


def _is_known(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    if path.is_file() and not os.access(path, os.R_OK):
        return True  # reading says why not
    try:
        find_reader(path)
    except FormatError:
        return False
    return True


LAYOUT = Layout(
    name="recordings",
    describes="annotated recordings, one or a folder of them, in any format that motif.recordings.read knows",
    recognizes=lambda path: bool(recordings_in(path)),
    read=read_recordings,
)

"""A gesture a file, in folders named after it: `<class>/<take>`, or `<person>/<class>/<take>`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from motif.errors import FormatError
from motif.recordings._dataset import Dataset
from motif.recordings._recording import Annotation, Recording
from motif.recordings._windowing import windows_from_recordings
from motif.recordings.dataset_readers._layout import Layout
from motif.recordings.dataset_readers._recordings import read_with, recordings_in
from motif.recordings.readers._columns import ColumnMap

__all__ = ["LAYOUT", "read_takes"]


def read_takes(
    path: Path,
    *,
    window_s: float = 1.0,
    hop_s: float | None = None,
    rate_hz: float | None = None,
    channels: Sequence[str] | None = None,
    columns: ColumnMap | Mapping[str, Any] | str | Path | None = None,
) -> Dataset:
    """Read every take, in any format that `motif.recordings.read` knows, and cut it into windows of its folder's class.

    Options are those of `windows_from_recordings`; `columns` is the column map of `motif.recordings.read`. A folder of
    persons gives their names as groups; without one, subjects where every take names one, else each take is a group.

    Raises
    ------
    FormatError
        A take is damaged, or has annotations of several classes.
    """
    people = _classes(path)
    takes = [
        (take, recording if person == path else replace(recording, subject=person.name))
        for person, labels in people.items()
        for label in labels
        for take in recordings_in(label)
        for recording in [_labelled(take, columns)]
    ]
    data = windows_from_recordings(
        [recording for _, recording in takes],
        window_s,
        hop_s,
        rate_hz=rate_hz,
        channels=channels,
        name=path.resolve().name,
        recording_names=[take.relative_to(path).as_posix() for take, _ in takes],
    )
    return replace(data, notes=(*data.notes, *_unknown(path, people)))


def _unknown(path: Path, people: Mapping[Path, Sequence[Path]]) -> tuple[str, ...]:
    """Return a note of the files beside the takes that no reader knows, such as empty ones."""
    labels = [label for found in people.values() for label in found]
    files = [file for label in labels for file in sorted(set(label.iterdir()) - set(recordings_in(label)))]
    names = [file.relative_to(path).as_posix() for file in files if not file.name.startswith(".")]
    return (f"{len(names)} that no reader knows were left out: {', '.join(names[:5])}",) if names else ()


def _labelled(take: Path, columns: ColumnMap | Mapping[str, Any] | str | Path | None) -> Recording:
    """Return the take with one annotation, from its first sample to its last, of the class its folder says."""
    recording = read_with(take, columns)
    if len({mark.label for mark in recording.annotations}) > 1:
        raise FormatError(take, "it is annotated with several classes", hint=f"import {take.parent} on its own")
    if not recording.n_samples:
        raise FormatError(take, "it holds no samples", hint="remove it")
    first, last = int(recording.time_ns.min()), int(recording.time_ns.max())
    return replace(recording, annotations=(Annotation(first, last + 1, take.parent.name),))


def _classes(path: Path) -> dict[Path, list[Path]]:
    """Return the folders of classes, by the folder they stand in: `path`, or that of a person."""
    for folders in ([path], _folders(path)):
        found = {folder: [label for label in _folders(folder) if recordings_in(label)] for folder in folders}
        if any(found.values()):
            return found
    return {}


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    return sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))


LAYOUT = Layout(
    name="takes",
    describes="a folder of <class>/<take> or <person>/<class>/<take>, recordings of one gesture each, such as CSV",
    recognizes=lambda path: bool(_classes(path)),
    read=read_takes,
)

"""Between a database's rows and files to hand on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from motif.errors import FormatError, InputError
from motif.templates._archive import ArchivedGesture, read_archive
from motif.templates._database_changes import Change
from motif.templates._database_rows import (
    BACKGROUND,
    add_samples,
    add_version,
    checked_name,
    ensure_gesture,
    gesture_id,
    not_among,
    sample_rows,
    samples_of,
    version_content,
)
from motif.templates._database_training import Figures
from motif.templates._prototype import read_prototype

__all__ = ["archived", "read_gestures", "unpack"]


def archived(connection: sqlite3.Connection, names: Iterable[str] | None = None) -> list[ArchivedGesture]:
    """Return gestures as they are handed on: those named, or all, with ordinary movement."""
    found = []
    wanted = None if names is None else set(names)
    for row in connection.execute("SELECT * FROM gestures WHERE kept ORDER BY kind, name").fetchall():
        if wanted is None or (row["kind"] != BACKGROUND and row["name"] in wanted):
            content = version_content(connection, row["id"], row["version"]) or {}
            figures = {name: figure for name, figure in content.items() if name != "samples"}
            samples = samples_of(sample_rows(connection, row["id"]))
            found.append(
                ArchivedGesture(
                    row["name"], row["kind"], row["version"], figures, json.loads(row["metadata"]), tuple(samples)
                )
            )
    return found


def read_gestures(path: Path) -> list[ArchivedGesture]:
    """Read what `archived` gave, or a `templates.json` of the prototype in which all entries can be used.

    Raises
    ------
    FormatError, MissingFileError
    """
    gestures, other = read_archive(path)
    if gestures is None:
        prototype = read_prototype(other, path)
        if prototype.rejected:
            reason = f"{prototype.rejected[0]['name']!r}: {prototype.rejected[0]['reason']}"
            raise FormatError(path, f"holds an entry that cannot be used ({reason})", hint="mend or remove it")
        gestures = [
            ArchivedGesture(name, "gesture", 0, {}, dict(prototype.metadata[name]), tuple(samples))
            for name, samples in prototype.gestures.items()
        ]
    try:
        for gesture in gestures:
            if gesture.kind != BACKGROUND:
                checked_name(gesture.name)
    except InputError as error:
        raise FormatError(path, str(error), hint="export it again") from error
    return gestures


def unpack(change: Change, gesture: ArchivedGesture) -> None:
    """Write a gesture: a new one as it was, to one that is there the samples that it lacks."""
    known = gesture_id(change, gesture.name, gesture.kind)
    if known is not None:
        there = [sample.hash for sample in samples_of(sample_rows(change, known))]
        add_samples(change, known, not_among(gesture.samples, there))
        return
    made = ensure_gesture(change, gesture.name, kind=gesture.kind, metadata=gesture.metadata)
    add_samples(change, made, gesture.samples)
    if gesture.version:
        figures = gesture.figures
        taught = Figures(
            consistency=_share(figures.get("consistency_score")),
            accuracy=_share(figures.get("accuracy")),
            cross_validated=figures.get("cross_validated") is True,
            confusions={str(name): _share(share) for name, share in dict(figures.get("confusions") or {}).items()},
            more_samples=max(0, int(figures.get("more_samples") or 0)),
        )
        add_version(change, made, taught, sample_rows(change, made), version=gesture.version)


def _share(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.0

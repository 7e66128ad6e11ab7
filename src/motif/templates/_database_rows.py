"""Gestures, samples and versions as rows: read by a connection, written by a `Change`."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from motif.errors import InputError, LabelError
from motif.templates._database_changes import Change
from motif.templates._database_schema import row_hash
from motif.templates._database_training import Figures
from motif.templates._learning_curve import worth_recording
from motif.templates._sample import GestureSample
from motif.templates._template import GestureTemplate

__all__ = [
    "BACKGROUND",
    "add_samples",
    "add_version",
    "checked_name",
    "counts_of",
    "ensure_gesture",
    "existing_id",
    "gesture_id",
    "gesture_ids",
    "gesture_names",
    "not_among",
    "sample_rows",
    "samples_of",
    "template_of",
    "version_content",
]

BACKGROUND = "background"
"""The kind of a row that holds ordinary movement instead of a gesture."""
_LONGEST_NAME = 200


def checked_name(name: str) -> str:
    """Return a gesture's name.

    Raises
    ------
    InputError
        It is no text, empty, blank at an end, longer than 200 characters or holds control characters.
    """
    if not isinstance(name, str) or not name or name != name.strip() or len(name) > _LONGEST_NAME:
        raise InputError(
            f"a gesture's name is {name!r:.80}; want a text of 1 to {_LONGEST_NAME}, not blank at its ends"
        )
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise InputError(f"a gesture's name is {name!r:.80}; it holds characters that cannot be shown")
    return name


def gesture_names(source: sqlite3.Connection | Change) -> list[str]:
    """Return the names of all gestures, sorted."""
    return [*gesture_ids(source)]


def gesture_ids(source: sqlite3.Connection | Change) -> dict[str, str]:
    """Return the ids of all gestures by name, sorted by it."""
    rows = _rows(source, "SELECT name, id FROM gestures WHERE kept AND kind = 'gesture' ORDER BY name")
    return {row["name"]: row["id"] for row in rows}


def counts_of(connection: sqlite3.Connection) -> sqlite3.Row:
    """Return how many gestures, samples and outlying samples there are."""
    sql = (
        "SELECT count(DISTINCT g.id) AS gestures, count(s.id) AS samples, coalesce(sum(s.outlying), 0) AS outlying "
        "FROM gestures g LEFT JOIN samples s ON s.gesture = g.id AND s.kept WHERE g.kept AND g.kind = 'gesture'"
    )
    row: sqlite3.Row = connection.execute(sql).fetchone()
    return row


def gesture_id(source: sqlite3.Connection | Change, name: str, kind: str = "gesture") -> str | None:
    """Return the id of a gesture's row, or None where there is none."""
    rows = _rows(source, "SELECT id FROM gestures WHERE kept AND kind = ? AND name = ?", kind, name)
    return rows[0]["id"] if rows else None


def existing_id(source: sqlite3.Connection | Change, name: str) -> str:
    """Return the id of a gesture's row.

    Raises
    ------
    LabelError
        There is no such gesture.
    """
    found = gesture_id(source, name)
    if found is None:
        raise LabelError(f"no gesture {name!r}; there are {', '.join(map(repr, gesture_names(source))) or 'none'}")
    return found


def ensure_gesture(
    change: Change, name: str, *, kind: str = "gesture", metadata: Mapping[str, Any] | None = None
) -> str:
    """Return the id of a gesture's row, made where there was none."""
    found = gesture_id(change, name, kind)
    if found is None:
        found = uuid.uuid4().hex
        change.insert("gestures", id=found, kind=kind, name=name, kept=1, version=0, created_ns=change.time_ns,
                      metadata=_text(metadata or {}))  # fmt: skip
    return found


def add_samples(change: Change, gesture: str, samples: Iterable[GestureSample]) -> list[str]:
    """Write samples of a gesture, after those that are there; return their ids."""
    (row,) = change.query("SELECT coalesce(max(place), 0) AS last FROM samples WHERE gesture = ?", gesture)
    ids = []
    for place, sample in enumerate(samples, start=row["last"] + 1):
        if change.query("SELECT 1 FROM samples WHERE id = ?", sample.sample_id):
            sample = sample.renamed()
        motion = None if sample.values is None else sample.values.astype("<f4").tobytes()
        facts = {name: fact for name, fact in sample.to_facts().items() if name not in ("sample_id", "outlying")}
        change.insert("samples", id=sample.sample_id, gesture=gesture, kept=1, outlying=int(sample.outlying),
                      place=place, facts=_text(facts), n_samples=sample.n_samples, motion=motion)  # fmt: skip
        ids.append(sample.sample_id)
    return ids


def sample_rows(source: sqlite3.Connection | Change, gesture: str, *, kept_only: bool = True) -> list[sqlite3.Row]:
    """Return the rows of a gesture's samples, in the order they were added."""
    sql = f"SELECT * FROM samples WHERE gesture = ? {'AND kept' if kept_only else ''} ORDER BY place"
    return _rows(source, sql, gesture)


def samples_of(rows: Sequence[sqlite3.Row]) -> list[GestureSample]:
    """Return samples from their rows, each checked by its hash.

    Raises
    ------
    sqlite3.DatabaseError
        A row is not as it was written.
    """
    found = []
    for row in rows:
        if row_hash("samples", dict(row)) != row["hash"]:
            raise sqlite3.DatabaseError(f"malformed: the hash of sample {row['id']} does not fit")
        facts = json.loads(row["facts"]) | {"sample_id": row["id"], "outlying": bool(row["outlying"])}
        motion = row["motion"]
        values = None if motion is None else np.frombuffer(motion, "<f4").reshape(row["n_samples"], -1)
        found.append(GestureSample.from_facts(facts, values))
    return found


def not_among(
    samples: Iterable[GestureSample], hashes: Iterable[str], n_letters: int | None = None
) -> list[GestureSample]:
    """Return the samples that none of the hashes, or of their first letters, is left for; each stands for one."""
    left, found = Counter(hashes), []
    for sample in samples:
        if left[sample.hash[:n_letters]] > 0:
            left[sample.hash[:n_letters]] -= 1
        else:
            found.append(sample)
    return found


def add_version(
    change: Change, gesture: str, figures: Figures, rows: Sequence[sqlite3.Row], *, version: int | None = None
) -> None:
    """Write the next version of a gesture, or the one that is given: its figures, and which samples it was made of."""
    if version is None:
        (last,) = change.query("SELECT coalesce(max(version), 0) AS number FROM versions WHERE gesture = ?", gesture)
        version = last["number"] + 1
    content = {
        "accuracy": figures.accuracy,
        "consistency_score": figures.consistency,
        "cross_validated": figures.cross_validated,
        "confusions": dict(figures.confusions),
        "more_samples": figures.more_samples,
        "updated_ns": change.time_ns,
        "samples": {row["id"]: row["outlying"] for row in rows},
    }
    change.insert("versions", id=f"{gesture}:{version}:{change.revision}", gesture=gesture, version=version,
                  content=_text(content))  # fmt: skip
    change.update("gestures", gesture, version=version)


def version_content(source: sqlite3.Connection | Change, gesture: str, version: int) -> dict[str, Any] | None:
    """Return what a version was made of, or None where there is no such version."""
    sql = "SELECT content FROM versions WHERE gesture = ? AND version = ? ORDER BY revision DESC LIMIT 1"
    rows = _rows(source, sql, gesture, version)
    return json.loads(rows[0]["content"]) if rows else None


def template_of(connection: sqlite3.Connection, name: str) -> GestureTemplate | None:
    """Return a gesture's template, or None where there is none."""
    rows = connection.execute("SELECT * FROM gestures WHERE kept AND kind = 'gesture' AND name = ?", (name,)).fetchall()
    if not rows:
        return None
    row = rows[0]
    sql = "SELECT id, outlying FROM samples WHERE gesture = ? AND kept"
    present = {each["id"]: each["outlying"] for each in connection.execute(sql, (row["id"],))}
    n_samples = sum(not outlying for outlying in present.values())
    bare = GestureTemplate(
        name=name,
        version=row["version"],
        num_samples=n_samples,
        more_samples=worth_recording(n_samples, None, ()),
        num_outlying=sum(map(bool, present.values())),
        created_ns=row["created_ns"],
        metadata=json.loads(row["metadata"]),
    )
    content = version_content(connection, row["id"], row["version"])
    if content is None:
        return bare
    used = content.pop("samples")
    return replace(bare, **content, up_to_date=used == present)


def _rows(source: sqlite3.Connection | Change, sql: str, *values: object) -> list[sqlite3.Row]:
    return source.query(sql, *values) if isinstance(source, Change) else source.execute(sql, values).fetchall()


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False)

"""The database's tables, how a connection is opened, and how older files are brought up to date."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from motif.errors import DatabaseError

__all__ = [
    "BUSY_TIMEOUT_S",
    "MIGRATIONS",
    "SCHEMA_VERSION",
    "TABLES",
    "connect",
    "initialize",
    "meta",
    "migrate",
    "refuse_newer",
    "row_hash",
    "set_meta",
    "sync_file",
]

SCHEMA_VERSION: Final = 1
BUSY_TIMEOUT_S: Final = 10.0
TABLES: Final = ("gestures", "samples", "versions", "changes")

# `hash` is SHA-256 of the row's other columns, `revision` the change that wrote it last. Nothing is deleted while it
# can be undone: `kept` says whether a row counts. meta.seal is the exclusive or of all rows' hashes, so that a row
# that vanished whole is missed. auto_vacuum: no free pages, in which damage would hide until they are used.
_SCHEMA = """
CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    lineage TEXT NOT NULL, revision INTEGER NOT NULL, seal BLOB NOT NULL, notes TEXT NOT NULL, hash BLOB NOT NULL
);
CREATE TABLE gestures (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, kept INTEGER NOT NULL, version INTEGER NOT NULL,
    created_ns INTEGER NOT NULL, metadata TEXT NOT NULL, revision INTEGER NOT NULL, hash BLOB NOT NULL
);
CREATE UNIQUE INDEX gesture_names ON gestures (kind, name) WHERE kept;
CREATE TABLE samples (
    id TEXT PRIMARY KEY, gesture TEXT NOT NULL REFERENCES gestures (id), kept INTEGER NOT NULL,
    outlying INTEGER NOT NULL, place INTEGER NOT NULL, facts TEXT NOT NULL, n_samples INTEGER NOT NULL, motion BLOB,
    revision INTEGER NOT NULL, hash BLOB NOT NULL
);
CREATE INDEX samples_of_gesture ON samples (gesture, place);
CREATE TABLE versions (
    id TEXT PRIMARY KEY, gesture TEXT NOT NULL REFERENCES gestures (id), version INTEGER NOT NULL,
    content TEXT NOT NULL, revision INTEGER NOT NULL, hash BLOB NOT NULL
);
CREATE INDEX versions_of_gesture ON versions (gesture, version);
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, what TEXT NOT NULL, content TEXT NOT NULL,
    undone INTEGER NOT NULL, revision INTEGER NOT NULL, hash BLOB NOT NULL
);
"""

MIGRATIONS: dict[int, str] = {}
"""SQL that brings a file of the key's schema version to the next one; rows are hashed again afterwards."""


def connect(path: Path, *, writable: bool = True) -> sqlite3.Connection:
    """Open a file that is there already. Transactions are explicit; any thread may use it, one at a time."""
    mode = "rw" if writable else "ro"
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        for setting in (
            "foreign_keys = ON",
            "synchronous = FULL",
            "trusted_schema = OFF",
            "secure_delete = ON",
            "cell_size_check = ON",
        ):
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def initialize(path: Path, *, revision: int = 0) -> None:
    """Make an empty database at `path`, where nothing may be yet; its revisions go on from `revision`."""
    with path.open("xb"):
        pass
    connection = connect(path)
    try:
        connection.execute("PRAGMA auto_vacuum = FULL")
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        connection.execute("BEGIN IMMEDIATE")
        set_meta(connection, lineage=uuid.uuid4().hex, revision=revision, seal=bytes(32), notes={})
        connection.execute("COMMIT")
    finally:
        connection.close()


def row_hash(table: str, row: dict[str, Any]) -> bytes:
    """Return SHA-256 of a row's columns but `hash`, each with its name and type."""
    digest = sha256(table.encode())
    for name, value in sorted(row.items()):
        if name != "hash":
            text = value if isinstance(value, bytes) else repr(value).encode()
            digest.update(f"\0{name}\0{type(value).__name__}\0{len(text)}\0".encode() + text)
    return digest.digest()


def meta(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return lineage, revision, seal, notes and hash as they are stored; `notes` as text."""
    row = connection.execute("SELECT lineage, revision, seal, notes, hash FROM meta").fetchone()
    if row is None:
        raise sqlite3.DatabaseError("there is no row in meta")
    return dict(row)


def set_meta(connection: sqlite3.Connection, *, lineage: str, revision: int, seal: bytes, notes: Any) -> None:
    """Write the row of `meta`, hashed; belongs inside a transaction."""
    row = {"lineage": lineage, "revision": revision, "seal": seal, "notes": json.dumps(notes, ensure_ascii=False)}
    connection.execute("INSERT OR REPLACE INTO meta VALUES (1, ?, ?, ?, ?, ?)", (*row.values(), row_hash("meta", row)))


def refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    """Leave a file alone whose schema this motif does not know.

    Raises
    ------
    DatabaseError
        A newer motif wrote it.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA_VERSION and connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
        raise DatabaseError(path, f"a newer motif wrote it (schema {found}, this one knows {SCHEMA_VERSION})",
                            hint="update motif, or open a folder of its own")  # fmt: skip


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an older file to this schema, in one transaction.

    Raises
    ------
    DatabaseError
        It cannot be done; nothing was changed.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found < SCHEMA_VERSION:
        connection.execute("BEGIN EXCLUSIVE")
        try:
            for version in range(found, SCHEMA_VERSION):
                for statement in filter(str.strip, MIGRATIONS[version].split(";")):
                    connection.execute(statement)
            _hash_again(connection)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            connection.execute("ROLLBACK")
            problem = f"it cannot be brought from schema {found} to {SCHEMA_VERSION} ({error})"
            raise DatabaseError(path, problem, hint="make room, or go on with the motif that wrote it") from error


def _hash_again(connection: sqlite3.Connection) -> None:
    seal = 0
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table}").fetchall():
            digest = row_hash(table, dict(row))
            seal ^= int.from_bytes(digest)
            connection.execute(f"UPDATE {table} SET hash = ? WHERE id = ?", (digest, row["id"]))
    old = meta(connection)
    set_meta(connection, lineage=old["lineage"], revision=old["revision"] + 1, seal=seal.to_bytes(32),
             notes=json.loads(old["notes"]))  # fmt: skip


def sync_file(path: Path) -> None:
    """Make what is in a closed file survive a power cut."""
    with path.open("rb") as file:
        os.fsync(file.fileno())

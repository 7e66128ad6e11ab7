"""Whether a database is whole: SQLite's own checks, each row's hash, the seal over all rows, and the head beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from motif.templates._database_head import Head
from motif.templates._database_schema import TABLES, connect, meta, row_hash

__all__ = ["Health", "digest", "examine", "examine_file", "is_damage"]

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_TOOBIG)
_DAMAGE_SAYS = ("no such table", "no such column", "unsupported file format", "malformed")
_SHORT_READ = 522  # SQLITE_IOERR_SHORT_READ: the file ends before a page that should be there
_LOUDEST = 5
"""How many problems are listed; one is enough to act."""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found."""

    problems: tuple[str, ...]
    revision: int
    """Of the file, -1 where it could not be read."""
    is_whole: bool
    """Every row is as it was written, whatever is missing since."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is damaged, rather than busy, full or not to be had."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return not isinstance(error, sqlite3.InterfaceError | sqlite3.ProgrammingError)
    return code & 0xFF in _DAMAGE or code == _SHORT_READ or any(text in str(error) for text in _DAMAGE_SAYS)


def examine(connection: sqlite3.Connection, head: Head | None = None) -> Health:
    """Look at every page and row.

    Raises
    ------
    sqlite3.Error
        It could not be examined, for a reason that is no damage.
    """
    problems: list[str] = []
    revision = -1
    try:
        problems += [f"SQLite: {row[0]}" for row in connection.execute(f"PRAGMA integrity_check({_LOUDEST})")]
        problems = [problem for problem in problems if problem != "SQLite: ok"]
        problems += [f"{row[0]}: a row without its parent" for row in connection.execute("PRAGMA foreign_key_check")]
        state = meta(connection)
        revision = int(state["revision"])
        if row_hash("meta", {name: state[name] for name in state if name != "hash"}) != state["hash"]:
            problems.append("meta: its hash does not fit")
        problems += _rows_and_seal(connection, state["seal"])
    except (sqlite3.Error, TypeError, ValueError, OverflowError, MemoryError) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        problems.append(f"SQLite: {error}")
    is_whole = not problems
    if is_whole and head is not None and head.lineage == state["lineage"]:
        problems += _behind_head(connection, revision, head)
    return Health(tuple(problems[:_LOUDEST]), revision, is_whole)


def examine_file(path: Path) -> Health:
    """Look at every page and row of a file that nobody writes to."""
    try:
        with closing(connect(path, writable=False)) as connection:
            return examine(connection)
    except sqlite3.Error as error:
        return Health((f"SQLite: {error}",), -1, is_whole=False)


def digest(connection: sqlite3.Connection) -> str:
    """Return SHA-256 of all pages as this connection sees them, slack and all.

    It never opens the file itself: on POSIX, closing any descriptor of a file drops the process's locks on it.
    """
    return sha256(connection.serialize()).hexdigest()


def _rows_and_seal(connection: sqlite3.Connection, seal: bytes) -> list[str]:
    problems, found = [], 0
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table}"):
            expected = row_hash(table, dict(row))
            found ^= int.from_bytes(expected)
            if expected != row["hash"]:
                problems.append(f"{table} {row['id']}: its hash does not fit")
    if not problems and found.to_bytes(32) != seal:
        problems.append("rows are missing or older than the last change")
    return problems


def _behind_head(connection: sqlite3.Connection, revision: int, head: Head) -> list[str]:
    if revision < head.revision:
        return [f"it ends at revision {revision}, {head.revision} was acknowledged: its write-ahead log was damaged"]
    if revision == head.revision and head.digest and digest(connection) != head.digest:
        return ["its bytes are not those that were written"]
    return []

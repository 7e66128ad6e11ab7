"""Backups of the database: whole, checked, named by time and number, and how many of them are kept."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from motif.errors import DatabaseError, WriteError
from motif.files import sync_folder
from motif.templates._database_check import examine_file, is_damage
from motif.templates._database_schema import connect, meta, set_meta, sync_file

__all__ = ["Backup", "backups_in", "make_backup", "newest_whole", "prune", "stamp"]

_NAME = re.compile(r"gestures-(\d{8}T\d{6})Z-(\d{6,})-r(\d+)\.db")
_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, as its name tells."""

    path: Path
    time_ns: int
    """By the clock of then, which may have been wrong: to the second."""
    number: int
    """Counts up with each backup: the order holds whatever the clock does."""
    revision: int
    """The last change it holds."""


def stamp(time_ns: int) -> str:
    """Return a time for a file's name, in UTC: `20261121T120000Z`."""
    return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y%m%dT%H%M%SZ")


def backups_in(folder: Path) -> list[Backup]:
    """Return the backups in a folder, the oldest first."""
    found = []
    for path in folder.glob("gestures-*.db"):
        match = _NAME.fullmatch(path.name)
        with suppress(ValueError):
            if match:
                time = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
                found.append(Backup(path, int(time.timestamp()) * 10**9, int(match[2]), int(match[3])))
    return sorted(found, key=lambda backup: backup.number)


def make_backup(connection: sqlite3.Connection, folder: Path, time_ns: int) -> Backup:
    """Copy what a connection sees into a backup that appears whole and checked, or not at all.

    Raises
    ------
    WriteError
        It could not be written.
    DatabaseError
        What was written is not whole: the database itself is damaged.
    """
    temporary = folder / f".new-{uuid.uuid4().hex}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        revision = _copy(connection, temporary)
        health = examine_file(temporary)
        if health.problems:
            raise DatabaseError(folder.parent, f"its backup is not whole ({health.problems[0]})",
                                hint="open it again: it will be checked and recovered")  # fmt: skip
        number = max((backup.number for backup in backups_in(folder)), default=0) + 1
        path = folder / f"gestures-{stamp(time_ns)}-{number:06d}-r{revision}.db"
        sync_file(temporary)
        temporary.replace(path)
        sync_folder(folder)
    except sqlite3.Error as error:
        if is_damage(error):
            raise
        raise WriteError(folder, OSError(str(error))) from error
    except OSError as error:
        if isinstance(error, DatabaseError):
            raise
        raise WriteError(folder, error) from error
    finally:
        for leftover in (temporary, Path(f"{temporary}-journal")):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)
    return Backup(path, time_ns // 10**9 * 10**9, number, revision)


def newest_whole(folder: Path) -> Backup | None:
    """Return the newest backup in which every row is as it was written."""
    return next((backup for backup in reversed(backups_in(folder)) if not examine_file(backup.path).problems), None)


def prune(folder: Path, *, most: int, days: float, now_ns: int) -> list[Path]:
    """Remove the oldest backups beyond `most`, and those older than `days`; return what was removed.

    The newest whole backup stays, whatever is asked for.
    """
    found = backups_in(folder)
    doomed = found[: max(0, len(found) - max(1, most))]
    doomed += [backup for backup in found if backup not in doomed and now_ns - backup.time_ns > days * _DAY_NS]
    if doomed and len(doomed) > len(found) - 2:
        last = newest_whole(folder)
        doomed = [backup for backup in doomed if last is None or backup != last]
    removed = []
    for backup in doomed:
        with suppress(OSError):
            backup.path.unlink()
            removed.append(backup.path)
    return removed


def _copy(connection: sqlite3.Connection, path: Path) -> int:
    """Copy the database to a single file of a lineage of its own; return its revision."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        connection.backup(copy)
    with closing(connect(path)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")
        state = meta(copy)
        copy.execute("PRAGMA synchronous = OFF")
        copy.execute("BEGIN IMMEDIATE")
        set_meta(copy, lineage=uuid.uuid4().hex, revision=state["revision"], seal=state["seal"],
                 notes=json.loads(state["notes"]))  # fmt: skip
        copy.execute("COMMIT")
    return int(state["revision"])

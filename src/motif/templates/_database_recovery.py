"""Making a damaged database whole again: the damaged files are kept, nothing that can still be read is given up."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from motif.files import sync_folder
from motif.telemetry import logger
from motif.templates._backups import backups_in, newest_whole, stamp
from motif.templates._database_changes import Change
from motif.templates._database_check import examine_file
from motif.templates._database_files import Files
from motif.templates._database_head import Head
from motif.templates._database_salvage import Rows, salvage
from motif.templates._database_schema import connect, initialize, migrate, sync_file

__all__ = ["Recovery", "install", "recover"]

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was wrong, what was done, what is lost."""

    time_ns: int
    reasons: tuple[str, ...]
    restored_from: str
    """The backup's file, `the damaged file` where all its rows were whole, or `nothing`."""
    n_salvaged: int
    """Rows newer than the backup, read from the damaged file."""
    lost: tuple[str, ...]
    """What was acknowledged once and is not there any more, as far as it can be known."""
    set_aside: str
    """The folder that keeps the damaged files."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self) | {"reasons": list(self.reasons), "lost": list(self.lost)}


def recover(files: Files, reasons: Sequence[str], head: Head | None, time_ns: int) -> Recovery:
    """Put a whole database in the place of a damaged or missing one. Nobody else may have the folder's lock.

    Raises
    ------
    OSError, sqlite3.Error
        There is no room, or the folder cannot be written to; the damaged files are where they were.
    """
    _LOG.error("RECOVERING gesture database", folder=str(files.folder), reasons=list(reasons))
    aside = _set_aside(files, time_ns)
    with tempfile.TemporaryDirectory(prefix=".recovering-", dir=files.folder) as scratch:
        base, restored_from, rows = _best_base(files, aside, Path(scratch))
        recovery = _merge(base, rows, reasons, head, time_ns, restored_from, aside.name if aside else "")
        install(files, base)
    log = _LOG.error if recovery.lost or restored_from == "nothing" else _LOG.warning
    log("RECOVERING gesture database: done", folder=str(files.folder), **recovery.to_dict())
    return recovery


def install(files: Files, new: Path) -> None:
    """Put a finished file in the database's place. What SQLite kept beside the old one goes first."""
    sync_file(new)
    for path in files.beside:
        path.unlink(missing_ok=True)
    new.replace(files.database)
    sync_folder(files.folder)


def _set_aside(files: Files, time_ns: int) -> Path | None:
    """Copy the damaged files into a folder of their own and return it; None where there are none."""
    present = [path for path in (files.database, *files.beside[::2], files.head) if path.exists()]
    if not any(path != files.head for path in present):
        return None
    aside = files.folder / f"corrupt-{stamp(time_ns)}"
    number = 1
    while aside.exists():
        number += 1
        aside = files.folder / f"corrupt-{stamp(time_ns)}-{number}"
    aside.mkdir()
    for path in present:
        shutil.copy2(path, aside / path.name)
        sync_file(aside / path.name)
    sync_folder(aside)
    return aside


def _best_base(files: Files, aside: Path | None, scratch: Path) -> tuple[Path, str, Rows]:
    """Return a whole database to go on from, where it is from, and what can be read of the damaged one."""
    base = scratch / "base.db"
    backup = newest_whole(files.backups)
    if backup is not None:
        shutil.copy(backup.path, base)
    else:
        initialize(base, revision=max((each.revision for each in backups_in(files.backups)), default=0))
    if aside is None or not (aside / files.database.name).exists():
        return base, str(backup.path.name) if backup else "nothing", {}
    damaged = scratch / files.database.name
    for path in aside.glob(f"{files.database.name}*"):
        shutil.copy(path, scratch / path.name)
    own = examine_file(damaged)
    if own.is_whole and own.revision >= (backup.revision if backup else 0):
        whole = scratch / "own.db"
        with closing(connect(damaged)) as connection:
            connection.execute("VACUUM INTO ?", (str(whole),))  # rows alone: what is in the slack stays behind
        return whole, "the damaged file", {}
    return base, str(backup.path.name) if backup else "nothing", salvage(damaged, base)


def _merge(
    base: Path, rows: Rows, reasons: Sequence[str], head: Head | None, time_ns: int, restored_from: str, aside: str
) -> Recovery:
    with closing(connect(base)) as connection:
        migrate(connection, base)
        connection.execute("BEGIN IMMEDIATE")
        change = Change(connection, "recovered", time_ns)
        base_revision = change.revision - 1
        salvaged = _put_newer(change, rows)
        reached = max([base_revision, head.revision if head else 0, *(row["revision"] for row in salvaged)])
        lost = _lost(change, base_revision, reached)
        change.lineage, change.revision = uuid.uuid4().hex, reached + 1
        recovery = Recovery(time_ns, tuple(reasons), restored_from, len(salvaged), tuple(lost), aside)
        change.notes["recovery"] = recovery.to_dict()
        change.finish(undoable=False)
        connection.execute("COMMIT")
    return recovery


def _put_newer(change: Change, rows: Rows) -> list[dict[str, Any]]:
    """Write salvaged rows that are newer than what is there; return them."""
    written = []
    for table in ("gestures", "samples", "versions", "changes"):
        known = {row["id"]: row["revision"] for row in change.query(f"SELECT id, revision FROM {table}")}
        for row in sorted(rows.get(table, {}).values(), key=lambda row: row["revision"]):
            if row["revision"] > known.get(row["id"], -1):
                if "gesture" in row:
                    _ensure_gesture(change, row["gesture"])
                _put(change, table, row)
                written.append(row)
    return written


def _put(change: Change, table: str, row: dict[str, Any]) -> None:
    try:
        change.put(table, row)
    except sqlite3.IntegrityError:  # another gesture has that name in the backup, the one that had it is lost
        change.put(table, row | {"name": f"{row['name']} (recovered {row['id'][:4]})"})


def _ensure_gesture(change: Change, gesture: str) -> None:
    if not change.query("SELECT 1 FROM gestures WHERE id = ?", gesture):
        change.insert("gestures", id=gesture, kind="gesture", name=f"recovered {gesture[:8]}", kept=1, version=0,
                      created_ns=change.time_ns, metadata="{}")  # fmt: skip


def _lost(change: Change, base_revision: int, reached: int) -> list[str]:
    """Return, in words, the changes after the base that are not there in full."""
    lost = []
    known = {row["id"]: row for row in change.query("SELECT * FROM changes WHERE id > ?", base_revision)}
    missing = [revision for revision in range(base_revision + 1, reached + 1) if revision not in known]
    for revision, row in known.items():
        for table, row_id, _ in json.loads(row["content"]):
            found = change.query(f"SELECT revision FROM {table} WHERE id = ?", row_id) if table else []
            if not found or found[0]["revision"] < revision:
                lost.append(f"{row['what']}: {table} {row_id}")
    if missing:
        lost.append(f"changes {missing[0]} to {missing[-1]}: {len(missing)} that cannot be read any more")
    return lost

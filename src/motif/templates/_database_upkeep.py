"""What keeps a gesture database well: opening, state, backups, undo, closing."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from motif.errors import DatabaseError, FormatError, MissingFileError, WriteError
from motif.telemetry import logger
from motif.templates._backups import Backup, backups_in, make_backup, newest_whole, prune
from motif.templates._database_changes import Change
from motif.templates._database_check import examine, examine_file
from motif.templates._database_rows import counts_of
from motif.templates._database_schema import SCHEMA_VERSION, meta
from motif.templates._database_store import Store, notes
from motif.templates._prototype import digest_of, keep_rejected, read_prototype, take_in
from motif.templates._strict_json import parse_json, read_bytes

__all__ = ["Upkeep"]

_LOG = logger(__name__)
_SET_ASIDE = ("corrupt-*", "templates.rejected-*.json")
T = TypeVar("T")


class Upkeep:
    """The part of a gesture database that does not know what a gesture is."""

    MAX_BACKUP_COUNT: int = 10
    """How many backups are kept."""
    BACKUP_RETENTION_DAYS: float = 30
    """How old a backup may become; the newest whole one stays."""
    AUTO_BACKUP_INTERVAL: float = 300
    """Seconds after which a change makes the next backup."""

    def __init__(self, folder: str | Path = "./gesture_database", *, clock: Callable[[], int] = time.time_ns) -> None:
        self.folder = Path(folder)
        self._clock = clock
        self._store = Store(self.folder, clock)
        self._changed = False
        self._finalizer = weakref.finalize(self, Store.close, self._store)
        self._unreadable = ""
        if self._store.is_writable:
            self._take_in_prototype()

    @property
    def revision(self) -> int:
        """Grows with each change, by whomever; cheap to ask."""
        return self._store.revision

    def get_stats(self) -> dict[str, Any]:
        """Return figures and the state of the database.

        `state` is `healthy`; `degraded` when something was lost or nothing can be written, with the reason in
        `problem`; `recovering`; or `corrupted`, when it could not be repaired and a backup is read. `recovery` tells of
        the last recovery: reasons, what it was restored from, what is lost, where the damaged files are. `set_aside`
        names damaged files and entries that could not be used; they are yours to look at and delete.
        """
        counts, facts, state = self._store.read(lambda found: (counts_of(found), notes(found), meta(found)))
        backups = self.list_backups()
        return {
            "num_templates": counts["gestures"],
            "total_samples": counts["samples"],
            "state": "degraded" if self._unreadable and self._store.state == "healthy" else self._store.state,
            "problem": self._store.problem or self._unreadable,
            "num_outlying": counts["outlying"],
            "revision": state["revision"],
            "schema_version": SCHEMA_VERSION,
            "size_bytes": sum(path.stat().st_size for path in self.folder.glob("gestures.db*") if path.exists()),
            "num_backups": len(backups),
            "last_backup": backups[-1].path.name if backups else None,
            "recovery": facts.get("recovery"),
            "set_aside": sorted(path.name for kind in _SET_ASIDE for path in self.folder.glob(kind)),
            "folder": str(self.folder),
        }

    def undo(self) -> str | None:
        """Take the last change back that was not yet; return what it was, or None where there is none."""
        return self._write("undo", Change.undo_last, undoable=False)

    def backup(self) -> Path:
        """Make a backup now and return its file.

        Raises
        ------
        WriteError
            It could not be written.
        """
        with self._store.locked():
            folder = self._store.files.backups
            made = self._store.read(lambda found: make_backup(found, folder, self._clock()), is_long=True)
            prune(folder, most=self.MAX_BACKUP_COUNT, days=self.BACKUP_RETENTION_DAYS,
                  now_ns=self._clock())  # fmt: skip
        return made.path

    def list_backups(self) -> list[Backup]:
        """Return the backups, the oldest first."""
        return backups_in(self._store.files.backups)

    def restore(self, backup: str | Path | None = None) -> Path:
        """Go back to a backup, by default the newest whole one; the present state is backed up first.

        Returns
        -------
        Path
            The backup that was restored.

        Raises
        ------
        MissingFileError, FormatError
            There is no such backup, or it is damaged itself.
        """
        newest = newest_whole(self._store.files.backups)
        path = Path(backup) if backup is not None else newest.path if newest else None
        if path is None or not path.is_file():
            raise MissingFileError(path or self._store.files.backups, want="a backup of gestures")
        if problems := examine_file(path).problems:
            raise FormatError(path, f"is damaged ({problems[0]})", hint="choose another backup")
        kept = path.read_bytes()  # making a backup may prune this one
        self.backup()
        self._store.replace(kept, f"restore {path.name}")
        self._changed = True
        return path

    def forget_deleted(self) -> int:
        """Delete for good what was removed, so that neither `undo` nor `rollback` finds it; return how many rows went.

        Older backups still hold it, until they are pruned or you delete them.
        """
        n_deleted = self._write("forget what was deleted", Change.forget_deleted, undoable=False)
        if n_deleted:
            self.backup()
        return n_deleted

    def verify(self) -> tuple[str, ...]:
        """Look at every page and row now; return what is wrong with them, nothing where all is well."""
        return self._store.read(examine, is_long=True).problems

    def close(self) -> None:
        """Close it, after a backup of what changed since the last one. Without it nothing is lost either."""
        if self._finalizer.alive:
            with suppress(WriteError, DatabaseError):  # what was taught is safe without it
                if self._changed and self.revision > max((each.revision for each in self.list_backups()), default=-1):
                    self.backup()
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<GestureDatabase {self.folder}: {self._store.state}>"

    def _write(self, what: str, work: Callable[[Change], T], *, undoable: bool = True) -> T:
        result = self._store.write(what, work, undoable=undoable)
        self._changed = True
        self._backup_if_due()
        return result

    def _backup_if_due(self) -> None:
        """Make a backup when the last one is `AUTO_BACKUP_INTERVAL` old, or of the future: the clock was set back."""
        backups = self.list_backups()
        age_s = (self._clock() - backups[-1].time_ns) / 1e9 if backups else math.inf
        if not 0 <= age_s < self.AUTO_BACKUP_INTERVAL:
            try:
                self.backup()
            except (WriteError, DatabaseError) as error:
                _LOG.warning("no backup of the gesture database", folder=str(self.folder), cause=str(error))

    def _take_in_prototype(self) -> None:
        """Take in `templates.json` where it holds what was not taken in yet. It stays where it is."""
        path = self._store.files.prototype
        if not path.exists():
            return
        try:
            content = read_bytes(path)
            if digest_of(content) in self._store.read(notes).get("prototype", {}).get("files", ()):
                return
            prototype = read_prototype(parse_json(content, path, lenient=True), path)
            n_taken = self._write("take in templates.json", lambda made: take_in(made, prototype, digest_of(content)))
        except (FormatError, WriteError) as error:
            self._unreadable = f"templates.json was not taken in: {error}"
            _LOG.error(self._unreadable, folder=str(self.folder))
            return
        _LOG.info("templates.json taken in", folder=str(self.folder), samples=n_taken, rejected=len(prototype.rejected))
        if prototype.rejected:
            with suppress(WriteError):
                kept = keep_rejected(self.folder, prototype.rejected, self._clock())
                _LOG.warning("entries of templates.json that cannot be used", n=len(prototype.rejected), kept=str(kept))

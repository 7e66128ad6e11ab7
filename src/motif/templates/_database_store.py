"""The database as reads and changes of one folder, from any thread and beside other processes."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import copy, rmtree
from typing import Any, TypeVar

from motif.errors import DatabaseError, WriteError
from motif.telemetry import logger
from motif.templates._backups import backups_in, newest_whole
from motif.templates._database_changes import Change
from motif.templates._database_check import digest, examine, examine_file, is_damage
from motif.templates._database_files import Files
from motif.templates._database_head import Head, read_head, write_head
from motif.templates._database_lock import FolderLock
from motif.templates._database_recovery import Recovery, install, recover
from motif.templates._database_schema import BUSY_TIMEOUT_S, connect, initialize, meta, migrate, refuse_newer

__all__ = ["Store"]

T = TypeVar("T")
_LOG = logger(__name__)
_SETTLING_MS = 20
_DIGESTED_BYTES = 4 << 20
"""Up to this size, thousands of samples, all bytes are hashed after each change (5 ms), else on closing."""
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


class Store:
    """Reads and changes of the database in a folder.

    Parameters
    ----------
    folder : Path
    clock : callable
        Returns nanoseconds since the epoch.

    Raises
    ------
    DatabaseError, WriteError
        A newer motif wrote it, another program holds it, or nothing can be made there.
    """

    def __init__(self, folder: Path, clock: Callable[[], int]) -> None:
        self.files = Files(folder)
        self.state = "healthy"
        """`healthy`, `degraded` (something was lost, or nothing can be written), `recovering`, `corrupted`."""
        self.problem = ""
        """Why it is not healthy."""
        self._clock = clock
        self._lock = FolderLock(self.files.lock)
        self._reading = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._copy: Path | None = None
        self._closed = False
        self._open()

    def read(self, query: Callable[[sqlite3.Connection], T], *, is_long: bool = False) -> T:
        """Return what `query` finds. It waits for other reads, not for changes; others don't wait for a long one.

        Raises
        ------
        DatabaseError
        """
        for last in (False, True):
            self._refresh()
            try:
                if is_long and self._copy is None and not self._closed:
                    with closing(connect(self.files.database)) as apart:
                        return query(apart)
                with self._reading:
                    if self._reader is None:
                        raise DatabaseError(self.files.folder, "it was closed", hint="open it again")
                    return query(self._reader)
            except sqlite3.Error as error:
                self._after(error, last=last)
        raise AssertionError("the second attempt returns or raises")

    def write(self, what: str, work: Callable[[Change], T], *, undoable: bool = True) -> T:
        """Do all of `work`, or nothing of it; when this returns, it is on the disk.

        Raises
        ------
        DatabaseError, WriteError
            Another program held it for too long; the disk is full. Nothing was changed.
        """
        for last in (False, True):
            try:
                with self._lock.held():
                    self._refresh()
                    return self._transaction(what, work, undoable)
            except sqlite3.Error as error:
                self._after(error, last=last)
        raise AssertionError("the second attempt returns or raises")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep everybody else from writing to the folder."""
        with self._lock.held():
            yield

    @property
    def revision(self) -> int:
        """Grows with each change, also by another process."""
        return self.read(lambda connection: int(meta(connection)["revision"]))

    @property
    def is_writable(self) -> bool:
        """Whether changes can be made; not where a copy had to be opened for reading."""
        return self._copy is None

    def replace(self, whole: bytes, what: str) -> None:
        """Put the content of another database's file in this one's place; revisions go on."""
        with self._lock.held(), tempfile.TemporaryDirectory(prefix=".restoring-", dir=self.files.folder) as scratch:
            revision = self.revision
            new = Path(scratch) / "new.db"
            new.write_bytes(whole)
            with closing(connect(new)) as connection:
                migrate(connection, new)
                connection.execute("BEGIN IMMEDIATE")
                change = Change(connection, what, self._clock())
                change.revision = max(change.revision, revision + 1)
                change.finish(undoable=False)
                connection.execute("COMMIT")
            self._disconnect()
            install(self.files, new)
            self._open()

    def close(self) -> None:
        """Close it; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        with suppress(DatabaseError, WriteError, sqlite3.Error):
            if self._copy is None:
                with self._lock.held():
                    self._write_head()
        self._disconnect()
        self._lock.close()

    def _transaction(self, what: str, work: Callable[[Change], T], undoable: bool) -> T:
        if self._copy is not None or self._writer is None:
            raise WriteError(self.files.folder, OSError(self.problem or "it was closed"))
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            change = Change(self._writer, what, self._clock())
            result = work(change)
            if not change.is_empty:
                change.finish(undoable=undoable)
            self._writer.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            raise
        if not change.is_empty:
            write_head(self.files.head, Head(change.lineage, change.revision))
            self._settle()
        return result

    def _settle(self) -> None:
        """Bring what was committed from the write-ahead log into the file, and note what its bytes are now.

        A damaged page would else hide behind the log, and whoever copies the file would miss what is in the log.
        """
        writer = self._writer
        with suppress(sqlite3.Error):
            if writer is not None and self._copy is None:
                writer.execute(f"PRAGMA busy_timeout = {_SETTLING_MS}")  # a reader elsewhere may go on
                writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                writer.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_TIMEOUT_S)}")
                pages, size = (writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
                if pages * size <= _DIGESTED_BYTES:
                    self._write_head()

    def _refresh(self) -> None:
        """Open again where another process put a recovered or restored file in its place, or took it away."""
        if not self._closed and self._copy is None and self._identity != self._on_disk():
            with self._lock.held():
                if self._identity != self._on_disk():
                    self._disconnect()
                    self._open()

    def _on_disk(self) -> tuple[int, int] | None:
        try:
            status = self.files.database.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _after(self, error: sqlite3.Error, *, last: bool) -> None:
        """Raise an error of ours, or recover where the error says that the file is damaged."""
        path = self.files.folder
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if not is_damage(error) or last or self._copy is not None or self._closed:
            if code in _NO_ROOM and not is_damage(error):
                raise WriteError(path, OSError(str(error))) from error
            raise DatabaseError(path, str(error), hint="close other programs that use it, then try again") from error
        with self._lock.held():
            self._disconnect()
            self._open(reasons=(f"SQLite: {error}",))

    def _open(self, reasons: tuple[str, ...] = ()) -> None:
        try:
            self.files.folder.mkdir(parents=True, exist_ok=True)
            with self._lock.held():
                self._open_checked(reasons)
        except (OSError, sqlite3.Error) as error:
            if isinstance(error, DatabaseError):
                raise
            self._open_copy(error)

    def _open_checked(self, reasons: tuple[str, ...]) -> None:
        """Open the file, after making it whole or making it at all."""
        self._sweep()
        head = read_head(self.files.head)
        if not self.files.database.exists():
            self._begin(head)
        elif problems := self._problems(head) or reasons:
            self._recover(problems, head)
        self._connect()

    def _sweep(self) -> None:
        """Remove what a kill left unfinished; with the lock held nobody is at work on it."""
        for path in self.files.unfinished():
            if path.is_dir():
                rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _problems(self, head: Head | None) -> tuple[str, ...]:
        try:
            with closing(connect(self.files.database)) as connection:
                refuse_newer(connection, self.files.database)
                problems = examine(connection, head).problems
                if not problems:
                    migrate(connection, self.files.database)
                return problems
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            return (f"SQLite: {error}",)

    def _begin(self, head: Head | None) -> None:
        """Start where there is no database file: anew, from the prototype's file, or from a backup."""
        has_backup = bool(backups_in(self.files.backups))
        if not self.files.prototype.exists() and (has_backup or head is not None):
            self._recover(("the database's file is missing",), head)
            return
        if has_backup or head is not None:
            _LOG.warning("no gesture database, starting again from templates.json; backups hold what was there",
                         folder=str(self.files.folder), backups=str(self.files.backups))  # fmt: skip
        reached = [backup.revision for backup in backups_in(self.files.backups)] + ([head.revision] if head else [0])
        with tempfile.TemporaryDirectory(prefix=".starting-", dir=self.files.folder) as scratch:
            initialize(Path(scratch) / "new.db", revision=max(reached))
            install(self.files, Path(scratch) / "new.db")

    def _recover(self, reasons: tuple[str, ...], head: Head | None) -> None:
        self.state = "recovering"
        recovery: Recovery = recover(self.files, reasons, head, self._clock())
        lost = bool(recovery.lost) or recovery.restored_from == "nothing"
        self.state = "degraded" if lost else "healthy"
        self.problem = (
            f"recovered from {recovery.restored_from}; lost: {', '.join(recovery.lost) or 'unknown'}" if lost else ""
        )

    def _connect(self) -> None:
        self._identity = self._on_disk()
        self._writer = connect(self.files.database)
        self._writer.execute("PRAGMA journal_mode = WAL")
        reader = connect(self.files.database)
        reader.execute("PRAGMA query_only = ON")
        meta(reader)
        with self._reading:
            self._reader = reader
        self._copy = None
        self._settle()

    def _write_head(self) -> None:
        if self._writer is not None and self._identity == self._on_disk():
            state = meta(self._writer)
            write_head(self.files.head, Head(state["lineage"], state["revision"], digest(self._writer)))

    def _open_copy(self, cause: Exception) -> None:
        """Open a copy to read from, where the folder cannot be written to or has no room for a recovery."""
        scratch = Path(tempfile.mkdtemp(prefix="motif-gestures-"))
        try:
            source, self.state = self._readable(scratch)
            if source is None:
                raise WriteError(self.files.folder, cause if isinstance(cause, OSError) else OSError(str(cause)))
            self._reader = connect(source)
            meta(self._reader)
        except BaseException:
            rmtree(scratch, ignore_errors=True)
            raise
        self._copy = scratch
        self.problem = f"opened for reading only ({cause})"
        _LOG.error("gesture database opened for reading only", folder=str(self.files.folder), cause=str(cause),
                   state=self.state)  # fmt: skip

    def _readable(self, scratch: Path) -> tuple[Path | None, str]:
        copied = scratch / self.files.database.name
        if self.files.database.exists():
            for path in (self.files.database, self.files.beside[0]):
                if path.exists():
                    copy(path, scratch / path.name)
            if not examine_file(copied).problems:
                return copied, "degraded"
        backup = newest_whole(self.files.backups)
        if backup is None:
            return None, "corrupted"
        return Path(copy(backup.path, scratch / "backup.db")), "corrupted"

    def _disconnect(self) -> None:
        with self._reading:
            connections = [self._reader, self._writer]
            self._reader = self._writer = None
        for connection in connections:
            if connection is not None:
                connection.close()
        if self._copy is not None:
            rmtree(self._copy, ignore_errors=True)
            self._copy = None


def notes(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the facts kept about the whole database."""
    found: dict[str, Any] = json.loads(meta(connection)["notes"])
    return found

"""One writer to a folder at a time, over threads and processes; a killed one holds nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from motif.errors import DatabaseError, WriteError
from motif.templates._database_schema import BUSY_TIMEOUT_S

__all__ = ["FolderLock"]


class FolderLock:
    """A lock on a file of its own, that stays where it is while the database's file may be replaced.

    SQLite takes it: it knows how to lock a file on every system, and how to wait.

    Parameters
    ----------
    path : Path
        The file; made where it is missing, always empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; the same thread may take it again inside.

        Raises
        ------
        DatabaseError
            Another one held it for too long.
        WriteError
            The folder cannot be written to.
        """
        if not self._threads.acquire(timeout=BUSY_TIMEOUT_S):
            raise self._busy()
        try:
            if self._depth == 0:
                self._take()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._connection is not None:
                    self._connection.execute("COMMIT")
        finally:
            self._threads.release()

    def close(self) -> None:
        """Close the lock's file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take(self) -> None:
        try:
            self._begin()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise self._busy() from error
            raise WriteError(self._path, OSError(str(error))) from error
        except sqlite3.DatabaseError:  # somebody wrote into it: an empty one will do
            self.close()
            self._path.unlink(missing_ok=True)
            self._begin()

    def _begin(self) -> None:
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False
            )
        self._connection.execute("BEGIN EXCLUSIVE")

    def _busy(self) -> DatabaseError:
        problem = f"another one has been writing to it for {BUSY_TIMEOUT_S:g} s"
        return DatabaseError(self._path.parent, problem, hint="close the other program, then try again")

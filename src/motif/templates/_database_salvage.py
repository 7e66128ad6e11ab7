"""What can still be read of a damaged database: every row whose hash fits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from motif.templates._database_schema import TABLES, connect, row_hash

__all__ = ["Rows", "salvage"]

Rows = dict[str, dict[Any, dict[str, Any]]]
"""Table → id → row."""
_PAGE = 4096
_MOST_ROWS_UNSEEN = 20_000
"""How far row numbers are tried where the file cannot say how many there are."""


def salvage(path: Path, first_page_from: Path) -> Rows:
    """Return every row of a damaged file whose hash fits. The file is written to: give a copy.

    Parameters
    ----------
    path : Path
        The copy, with a copy of its write-ahead log beside it.
    first_page_from : Path
        A whole database of the same making. Where the damaged one's first page cannot be read, which says where tables
        begin, this one's stands in for it.
    """
    rows = _readable_rows(path)
    if not any(rows.values()):
        with suppress(OSError):
            _transplant(path, first_page_from)
            rows = _readable_rows(path)
    return rows


def _readable_rows(path: Path) -> Rows:
    rows: Rows = {table: {} for table in TABLES}
    with suppress(sqlite3.Error), closing(connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("SELECT 1 FROM samples WHERE rowid = -1").fetchall()  # raises where no table can be found
        for table in TABLES:
            for row in _rows_one_by_one(connection, table):
                with suppress(sqlite3.Error, TypeError, ValueError):
                    if row_hash(table, row) == row["hash"]:
                        rows[table][row["id"]] = row
    return rows


def _rows_one_by_one(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """Yield rows by their number, so that a page that cannot be read costs its own rows alone."""
    numbers: Iterator[int] | range
    try:
        last = connection.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
        first = connection.execute(f"SELECT min(rowid) FROM {table}").fetchone()[0] or 1
        numbers = range(first, last + 1)
    except sqlite3.Error:
        numbers = range(1, _MOST_ROWS_UNSEEN)
    for number in numbers:
        with suppress(sqlite3.Error, MemoryError):
            row = connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", (number,)).fetchone()
            if row is not None:
                yield dict(row)


def _transplant(path: Path, donor: Path) -> None:
    first = bytearray(donor.read_bytes()[:_PAGE])
    n_pages = path.stat().st_size // _PAGE
    first[28:32] = n_pages.to_bytes(4)  # size of the database
    first[32:40] = bytes(8)  # no free pages
    first[92:96] = first[24:28]  # the size above counts only when these two agree
    with path.open("r+b") as file:
        file.write(first)
        file.truncate(n_pages * _PAGE)
    Path(f"{path}-wal").unlink(missing_ok=True)

"""One change of the database: rows written with their hashes, what they were before, the seal over all of them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from motif.templates._database_schema import meta, row_hash, set_meta

__all__ = ["Change"]

_MOST_CHANGES = 1000
"""How many changes can be undone."""


class Change:
    """Rows that are written together. The caller begins and commits the transaction.

    Parameters
    ----------
    connection
        Inside a transaction.
    what : str
        What is done, for people: `add 3 samples to 'swipe'`.
    time_ns : int
        When.
    """

    def __init__(self, connection: sqlite3.Connection, what: str, time_ns: int) -> None:
        self._connection = connection
        self._what, self.time_ns = what, time_ns
        state = meta(connection)
        self.lineage: str = state["lineage"]
        self.revision: int = state["revision"] + 1
        self.notes: dict[str, Any] = json.loads(state["notes"])
        """Facts about the whole database; what is changed here is written with the change."""
        self._seal = int.from_bytes(state["seal"])
        self._before: list[tuple[str, str, dict[str, Any] | None]] = []
        self._notes_before = state["notes"]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not self._before and json.dumps(self.notes, ensure_ascii=False) == self._notes_before

    def query(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return rows as this change sees them."""
        return self._connection.execute(sql, values).fetchall()

    def insert(self, table: str, **columns: Any) -> None:
        """Add a row."""
        self._write(table, columns | {"revision": self.revision})
        self._before.append((table, columns["id"], None))

    def update(self, table: str, row_id: str, **columns: Any) -> None:
        """Set columns of a row; nothing is written where they are so already."""
        row = dict(self.query(f"SELECT * FROM {table} WHERE id = ?", row_id)[0])
        before = {name: row[name] for name in columns if row[name] != columns[name]}
        if before:
            self._seal ^= int.from_bytes(row.pop("hash"))
            self._write(table, row | columns | {"revision": self.revision})
            self._before.append((table, row_id, before))

    def put(self, table: str, row: dict[str, Any]) -> None:
        """Write a row as it was salvaged, in place of what may stand there."""
        for old in self.query(f"SELECT hash FROM {table} WHERE id = ?", row["id"]):
            self._seal ^= int.from_bytes(old["hash"])
        self._write(table, {name: value for name, value in row.items() if name != "hash"})
        self._before.append((table, row["id"], {}))

    def forget_deleted(self) -> int:
        """Delete for good every row that is not kept, and what could bring it back; return how many rows went.

        Versions remember which samples they were made of, and go without those that are gone.
        """
        lost = "SELECT id FROM gestures WHERE NOT kept"
        n_deleted = self._delete("samples", f"NOT kept OR gesture IN ({lost})")
        n_deleted += self._delete("versions", f"gesture IN ({lost})")
        n_deleted += self._delete("gestures", "NOT kept")
        if n_deleted:
            self._delete("changes", "TRUE")
            self._before.append(("changes", "", {}))
        return n_deleted

    def undo_last(self) -> str | None:
        """Set back what the last change that still stands did, and return what it was."""
        rows = self.query("SELECT * FROM changes WHERE NOT undone ORDER BY id DESC LIMIT 1")
        if not rows:
            return None
        for table, row_id, before in reversed(json.loads(rows[0]["content"])):
            columns = {"kept": 0} if before is None else before
            if table != "versions" and columns:
                self.update(table, row_id, **columns)
        self.update("changes", rows[0]["id"], undone=1)
        return str(rows[0]["what"])

    def finish(self, *, undoable: bool = True) -> None:
        """Write the change's own row, the seal and the revision; then the transaction may be committed."""
        self._delete("changes", f"id <= {self.revision - _MOST_CHANGES}")
        before = [entry for entry in self._before if entry[0] != "changes"]
        self._write("changes", {
            "id": self.revision, "time_ns": self.time_ns, "what": self._what,
            "content": json.dumps(before, ensure_ascii=False), "undone": int(not undoable), "revision": self.revision,
        })  # fmt: skip
        set_meta(self._connection, lineage=self.lineage, revision=self.revision, seal=self._seal.to_bytes(32),
                 notes=self.notes)  # fmt: skip

    def _write(self, table: str, row: dict[str, Any]) -> None:
        digest = row_hash(table, row)
        self._seal ^= int.from_bytes(digest)
        names = ", ".join([*row, "hash"])
        marks = ", ".join("?" * (len(row) + 1))
        updates = ", ".join(f"{name} = excluded.{name}" for name in [*row, "hash"] if name != "id")
        self._connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {updates}",
            (*row.values(), digest),
        )

    def _delete(self, table: str, condition: str) -> int:
        rows = self.query(f"SELECT hash FROM {table} WHERE {condition}")
        for row in rows:
            self._seal ^= int.from_bytes(row["hash"])
        self._connection.execute(f"DELETE FROM {table} WHERE {condition}")
        return len(rows)

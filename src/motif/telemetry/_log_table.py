"""A piece of a log as a table of the fields every event has: polars reads it, Python what polars refuses."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from motif.optional import require
from motif.telemetry._log_lines import json_object

if TYPE_CHECKING:
    import polars

__all__ = ["FIELDS", "Piece", "read_piece"]

FIELDS = {
    "time": ("time", "timestamp"),
    "level": ("level", "levelname"),
    "event": ("event", "message", "msg"),
    "logger": ("logger", "name"),
    "run_id": ("run_id",),
}
"""What we call a field, and what it may be called in a log; the first that is there counts."""

SMALL_BYTES = 64 * 1024


@dataclass(frozen=True)
class Piece:
    """What a piece of a log holds."""

    events: polars.DataFrame
    """A row a JSON object, the columns of `FIELDS`, all texts."""
    damaged: int
    """Lines that are something else, empty ones left out."""


def read_piece(lines: bytes) -> Piece:
    """Read whole lines.

    Raises
    ------
    MissingExtraError
        polars is not installed.
    """
    pl = require("polars", extra="service")
    tables, damaged = _read(pl, lines)
    table = pl.concat(tables) if tables else pl.DataFrame(schema=_schema(pl))
    columns = [pl.coalesce(names).alias(field) for field, names in FIELDS.items()]
    return Piece(table.select(columns), damaged)


def _read(pl: Any, lines: bytes) -> tuple[list[Any], int]:
    """Return tables of all known names, and how many lines are no object.

    One odd line makes polars refuse all: the piece is then halved until the odd ones are alone with a few others.
    """
    try:
        table = pl.read_ndjson(io.BytesIO(lines), schema=_schema(pl), ignore_errors=True)
    except pl.exceptions.ComputeError:
        middle = lines.find(b"\n", len(lines) // 2) + 1
        if len(lines) <= SMALL_BYTES or middle in (0, len(lines)):
            return _read_slowly(pl, lines)
        first, second = _read(pl, lines[:middle]), _read(pl, lines[middle:])
        return first[0] + second[0], first[1] + second[1]
    if table.select(pl.all_horizontal(pl.all().is_null()).any()).item() and _has_other_than_objects(lines):
        return _read_slowly(pl, lines)  # polars takes a number, a text or an array for an object without fields
    return [table], 0


def _has_other_than_objects(lines: bytes) -> bool:
    return any(not line.lstrip().startswith(b"{") for line in lines.split(b"\n") if line.strip())


def _read_slowly(pl: Any, lines: bytes) -> tuple[list[Any], int]:
    rows, damaged = [], 0
    for line in lines.split(b"\n"):
        if not line.strip():
            continue
        found = json_object(line)
        if found is None:
            damaged += 1
        else:
            rows.append([_text(found.get(name)) for name in _schema(pl)])
    return [pl.DataFrame(rows, schema=_schema(pl), orient="row")] if rows else [], damaged


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _schema(pl: Any) -> dict[str, Any]:
    return {name: pl.String for names in FIELDS.values() for name in names}

"""A piece of a log as a table of the fields every event has: polars reads it, Python what polars refuses."""

from __future__ import annotations

import re
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
_NOT_FINITE = re.compile(rb'((?<!\\)"\s*:\s*)-?(?:NaN|Infinity)(?=\s*[,}])')  # within a text the quote is escaped


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
    objects, odd = _apart(lines)
    (tables, damaged), (others, not_json) = _read(pl, objects), _read_slowly(pl, odd)
    table = pl.concat(tables + others) if tables or others else pl.DataFrame(schema=_schema(pl))
    columns = [pl.coalesce(names).alias(field) for field, names in FIELDS.items()]
    return Piece(table.select(columns), damaged + not_json)


def _apart(lines: bytes) -> tuple[bytes, list[bytes]]:
    """Return the lines that begin as objects do, and the others; most logs have no others, and that is seen at once."""
    n_lines = lines.count(b"\n") + (not lines.endswith(b"\n"))
    if lines.count(b"\n{") + lines.startswith(b"{") == n_lines:
        return lines, []
    split = lines.split(b"\n")
    return b"\n".join(line for line in split if line[:1] == b"{"), [line for line in split if line[:1] != b"{"]


def _read(pl: Any, lines: bytes) -> tuple[list[Any], int]:
    """Return tables of all known names, and how many lines are no object.

    One odd line makes polars refuse all: the lines are then halved until the odd ones are alone with a few others.
    Fields that are NaN or infinite, which are no JSON but common, become null first: they are none of ours.
    """
    if not lines:
        return [], 0
    try:
        return [pl.read_ndjson(lines, schema=_schema(pl), ignore_errors=True)], 0
    except pl.exceptions.ComputeError:
        if (b"NaN" in lines or b"Infinity" in lines) and (finite := _NOT_FINITE.sub(rb"\1null", lines)) != lines:
            return _read(pl, finite)
        middle = lines.find(b"\n", len(lines) // 2) + 1
        if len(lines) <= SMALL_BYTES or middle in (0, len(lines)):
            return _read_slowly(pl, lines.split(b"\n"))
        first, second = _read(pl, lines[:middle]), _read(pl, lines[middle:])
        return first[0] + second[0], first[1] + second[1]


def _read_slowly(pl: Any, lines: list[bytes]) -> tuple[list[Any], int]:
    rows, damaged = [], 0
    for line in lines:
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

"""Logs of a folder side by side: a row a log, with the last value of every plain field."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from motif.errors import MissingFileError
from motif.files import write_bytes
from motif.telemetry._log_lines import json_object, pieces
from motif.telemetry._log_summary import summarize_log
from motif.telemetry._log_table import FIELDS

__all__ = ["compare_logs", "write_csv"]

SUFFIXES = (".jsonl", ".ndjson", ".log", ".json")
MOST_FIELDS, LONGEST_CELL, MOST_ITEMS = 500, 200, 32
_COMMON = {name for names in FIELDS.values() for name in names}


def compare_logs(folder: str | Path) -> list[dict[str, Any]]:
    """Return a row for each log below a folder: how much, how bad, from when to when, and what it said last.

    Raises
    ------
    MissingFileError
        There is no such folder, or no log in it.
    MissingExtraError
        polars is not installed.
    """
    folder = Path(folder)
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not found:
        raise MissingFileError(folder, want=f"a folder with logs that end with {', '.join(SUFFIXES)}")
    return [_row(path, path.relative_to(folder).as_posix()) for path in found]


def write_csv(rows: Sequence[dict[str, Any]], path: str | Path) -> Path:
    """Write rows, with a column for each name in any of them.

    Raises
    ------
    WriteError
        The place cannot be written.
    """
    text = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())
    return Path(path)


def _row(path: Path, name: str) -> dict[str, Any]:
    summary = summarize_log(path)
    counted = {
        "log": name,
        "lines": summary.lines,
        "damaged": summary.damaged,
        "errors": summary.errors,
        "warnings": summary.levels["warning"],
        "runs": len(summary.runs),
        "first": summary.first,
        "last": summary.last,
    }
    return counted | {f"last.{key}": value for key, value in _last_values(path).items()}


def _last_values(path: Path) -> dict[str, Any]:
    """Return the last plain value of each field, those that every event has left out."""
    last: dict[str, Any] = {}
    for piece in pieces(path):
        for line in piece.split(b"\n"):
            for key, value in (json_object(line) or {}).items():
                known = key in last or len(last) < MOST_FIELDS
                if known and key not in _COMMON and _is_plain(value):
                    last[key] = value
    return last


def _is_plain(value: object) -> bool:
    """Return whether a cell of a table can hold it: a number, a truth value, a short text, a short list of these."""
    if isinstance(value, str):
        return len(value) <= LONGEST_CELL
    if isinstance(value, list):
        return len(value) <= MOST_ITEMS and all(isinstance(item, int | float | str) for item in value)
    return isinstance(value, bool | int | float)

"""Lines of a log that somebody looks for: errors, and whatever a pattern finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motif.errors import ConfigError
from motif.telemetry._log_lines import json_object, pieces
from motif.telemetry._log_summary import ERROR_LEVELS
from motif.telemetry._log_table import FIELDS

__all__ = ["LoggedError", "find_errors", "grep_log"]

_ERROR = re.compile(f'"(?:{"|".join((*ERROR_LEVELS, *map(str.upper, ERROR_LEVELS)))})"'.encode())


@dataclass(frozen=True)
class LoggedError:
    """An event as bad as an error."""

    event: str
    logger: str
    time: str
    fields: dict[str, Any]
    """Everything on the line, the traceback too."""


def find_errors(path: str | Path) -> Iterator[LoggedError]:
    """Yield the errors of a log, in the order of its lines.

    Raises
    ------
    MissingFileError, SourceError
        There is no such file, or it cannot be read.
    """
    for piece in pieces(Path(path)):
        for line in _lines_with(_ERROR, piece):
            found = json_object(line)
            if found is not None and _field(found, "level").lower() in ERROR_LEVELS:
                yield LoggedError(_field(found, "event"), _field(found, "logger"), _field(found, "time"), found)


def grep_log(pattern: str, path: str | Path, *, ignore_case: bool = False) -> Iterator[str]:
    """Yield the lines in which a regular expression finds something, as they stand, torn and damaged ones too.

    Raises
    ------
    ConfigError
        `pattern` is no regular expression.
    MissingFileError, SourceError
        There is no such file, or it cannot be read.
    """
    try:
        wanted = re.compile(pattern.encode(), re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise ConfigError(
            f"{pattern!r} is no regular expression: {error}; put \\ before what is meant as it is"
        ) from error
    for piece in pieces(Path(path)):
        for line in piece.split(b"\n"):
            if line and wanted.search(line):
                yield line.decode(errors="replace")


def _lines_with(wanted: re.Pattern[bytes], piece: bytes) -> Iterator[bytes]:
    """Yield each line in which a pattern without newlines is found; to look at all lines one by one takes longer."""
    at = 0
    while found := wanted.search(piece, at):
        start = piece.rfind(b"\n", 0, found.start()) + 1
        end = piece.find(b"\n", found.end())
        at = len(piece) if end < 0 else end + 1
        yield piece[start:at]


def _field(found: dict[str, Any], name: str) -> str:
    return next((str(found[key]) for key in FIELDS[name] if found.get(key) is not None), "")

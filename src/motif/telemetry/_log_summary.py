"""What a log says, in figures: how much, of what kind, from when to when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motif.optional import require
from motif.telemetry._log_lines import json_object, pieces
from motif.telemetry._log_table import read_piece

__all__ = ["ERROR_LEVELS", "LogSummary", "summarize_log"]

ERROR_LEVELS = ("error", "critical", "fatal", "exception")
MOST_KEPT = 10_000
"""How many different events, loggers or runs are told apart; what comes after them counts as `OTHERS`."""
OTHERS = "(others)"


@dataclass
class LogSummary:
    """What a log says."""

    path: str
    bytes: int = 0
    lines: int = 0
    """JSON objects."""
    damaged: int = 0
    """Lines that are something else."""
    torn_bytes: int = 0
    """Of a last line that was not finished."""
    first: str | None = None
    last: str | None = None
    """The earliest and the latest time, as it was written."""
    levels: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    loggers: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    error_events: Counter[str] = field(default_factory=Counter)

    @property
    def errors(self) -> int:
        """Lines of a level as bad as an error."""
        return sum(count for level, count in self.levels.items() if level in ERROR_LEVELS)


def summarize_log(path: str | Path) -> LogSummary:
    """Read a log of any size once, in little memory.

    Parameters
    ----------
    path : path
        One JSON object a line; other lines and a torn last one are counted.

    Raises
    ------
    MissingFileError, SourceError
        There is no such file, or it cannot be read.
    MissingExtraError
        polars is not installed.
    """
    path = Path(path)
    summary = LogSummary(path.as_posix())
    for piece in pieces(path):
        summary.bytes += len(piece)
        if not piece.endswith(b"\n") and json_object(piece) is None:
            summary.torn_bytes = len(piece)
            continue
        read = read_piece(piece)
        summary.lines += read.events.height
        summary.damaged += read.damaged
        _add(summary, read.events)
    return summary


def _add(summary: LogSummary, events: Any) -> None:
    pl = require("polars", extra="service")
    level = pl.col("level").str.to_lowercase()
    wrong = events.filter(level.is_in(ERROR_LEVELS))
    for counter, column in (
        (summary.levels, events.select(level).to_series()),
        (summary.events, events["event"]),
        (summary.loggers, events["logger"]),
        (summary.runs, events["run_id"]),
        (summary.error_events, wrong["event"]),
    ):
        _count(counter, column.drop_nulls().value_counts().rows())
    first, last = events["time"].min(), events["time"].max()
    summary.first = min(filter(None, (summary.first, first)), default=None)
    summary.last = max(filter(None, (summary.last, last)), default=None)


def _count(counter: Counter[str], found: list[tuple[str, int]]) -> None:
    for name, count in found:
        counter[name if name in counter or len(counter) < MOST_KEPT else OTHERS] += count

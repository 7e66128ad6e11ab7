"""What files of coded behaviour hold: rows as somebody wrote them, and the spans that they come to."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from motif.errors import FormatError

__all__ = ["CodedRow", "CodedSpan", "seconds", "spans_of"]

_CLOCK = re.compile(r"(-?)(\d+):(\d\d):(\d\d(?:[.,]\d+)?)")
_FARTHEST_S = 4e9
"""Times are below this, 126 years: BORIS may count from 1970."""


@dataclass(frozen=True, slots=True)
class CodedSpan:
    """A behaviour that somebody coded, in seconds since the start of what was coded; a moment where both are equal."""

    label: str
    start_s: float
    stop_s: float
    subject: str = ""
    observation: str = ""
    """Of BORIS; of ELAN the tier."""


@dataclass(frozen=True, slots=True)
class CodedRow:
    """A line of a file, before anybody looked whether it makes sense."""

    observation: str
    subject: str
    label: str
    kind: str
    """`span`, `point`, `start`, `stop`, or `state`: a start or, after a start, a stop."""
    start: object
    stop: object = None
    modifiers: str = ""
    offset: object = None
    """Seconds that its program added to the time of the media, where it says so."""


def seconds(value: object) -> float:
    """Return seconds of a number or a text such as `12.5` or `00:00:12.500`; NaN where it is no time.

    Examples
    --------
    >>> seconds("00:01:12.500"), seconds("1,5"), seconds("NA")
    (72.5, 1.5, nan)
    """
    if isinstance(value, str):
        if clock := _CLOCK.fullmatch(value.strip()):
            sign, hours, minutes, rest = clock.groups()
            total = int(hours[:9]) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))
            return -total if sign else total
        value = value.replace(",", ".")
    try:
        return float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return math.nan


def spans_of(rows: Iterable[CodedRow], path: Path) -> tuple[CodedSpan, ...]:
    """Return the spans in the order of their starts; `path` is for the error.

    Raises
    ------
    FormatError
        A time is none, a state has no start or no stop, a kind is not known.
    """
    timed = sorted(((_time(row, row.start, path), row) for row in rows), key=lambda pair: pair[0])
    running: dict[tuple[str, ...], tuple[float, CodedRow]] = {}
    spans = []
    for time, row in timed:
        who = (row.observation, row.subject, row.label, row.modifiers)
        kind = row.kind
        if kind == "state":
            kind = "stop" if who in running else "start"
        if kind == "point":
            spans.append(_span(row, time, time, path))
        elif kind == "span":
            spans.append(_span(row, time, _time(row, row.stop, path), path))
        elif kind == "start":
            if who in running:
                raise _unpaired(running[who], path)
            running[who] = time, row
        elif kind == "stop":
            if who not in running:
                raise _broken(path, row, f"stops at {time:g} s and starts nowhere", "add the event that starts it")
            spans.append(_span(row, running.pop(who)[0], time, path))
        else:
            problem = f"is of the kind {row.kind!r}, neither of points nor of states"
            raise _broken(path, row, problem, "give it one in the ethogram")
    if running:
        raise _unpaired(next(iter(running.values())), path)
    return tuple(sorted(spans, key=lambda span: (span.start_s, span.stop_s, span.label)))


def _time(row: CodedRow, value: object, path: Path) -> float:
    time, offset = seconds(value), seconds(row.offset)
    if not abs(time) < _FARTHEST_S:  # NaN too
        raise _broken(path, row, f"has the time {str(value)[:50]!r}; want seconds", "correct it")
    return round(time - (offset if abs(offset) < _FARTHEST_S else 0.0), 9)


def _span(row: CodedRow, start_s: float, stop_s: float, path: Path) -> CodedSpan:
    if stop_s < start_s:
        raise _broken(path, row, f"stops at {stop_s:g} s, before its start at {start_s:g} s", "correct its times")
    return CodedSpan(row.label, start_s, stop_s, row.subject, row.observation)


def _unpaired(running: tuple[float, CodedRow], path: Path) -> FormatError:
    time, row = running
    return _broken(path, row, f"starts at {time:g} s and never stops", "add the event that stops it")


def _broken(path: Path, row: CodedRow, problem: str, wish: str) -> FormatError:
    where = " ".join(filter(None, (row.subject and f"of {row.subject}", row.observation and f"in {row.observation!r}")))
    what = f"{row.label!r} {where}".strip()
    return FormatError(path, f"{what} {problem}", hint=f"{wish} in the program that wrote it and save it again")

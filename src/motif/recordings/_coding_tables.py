"""Codings as a table: events of BORIS, single or aggregated, tab-delimited text of ELAN, and our own segments."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from motif.errors import FormatError
from motif.recordings._coding_rows import CodedRow

__all__ = ["table_rows"]

_BORIS = {
    "observation": ("observation id",),
    "subject": ("subject",),
    "label": ("behavior",),
    "kind": ("behavior type", "status"),
    "offset": ("time offset (s)",),
    "time": ("time",),
    "start": ("start (s)",),
    "stop": ("stop (s)",),
}
_ELAN = {
    "observation": ("tier",),
    "subject": ("participant",),
    "label": ("annotation",),
    "start": ("begin time - ss.msec", "begin time - hh:mm:ss.ms"),
    "stop": ("end time - ss.msec", "end time - hh:mm:ss.ms"),
}
_OWN = {
    "observation": ("recording",),
    "subject": ("subject",),
    "label": ("label",),
    "start": ("start_s",),
    "stop": ("stop_s",),
}
_NOT_TIERS = ("begin time", "end time", "duration")
_NOBODY = "no focal subject"
_HEADER_IN = 100
"""BORIS before 8 writes lines about the observation first."""
_HINT = (
    "export from BORIS the events or aggregated events as TSV or CSV, from ELAN tab-delimited text with column headers "
    "and times as ss.msec"
)


def table_rows(content: bytes, path: Path) -> list[CodedRow]:
    """Return the rows of a table, whatever stands between its cells.

    Raises
    ------
    FormatError
        It is no text, or no line names the columns of a behaviour and its times.
    """
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        for delimiter in "\t,;":
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
            for number, cells in enumerate(lines[:_HEADER_IN]):
                if places := _places([cell.strip().casefold() for cell in cells]):
                    return _rows(lines[number + 1 :], cells, places, _above(lines[:number]))
    except (UnicodeError, csv.Error) as error:
        raise FormatError(path, f"is no table of text ({error})", hint=_HINT) from error
    raise FormatError(path, "no line of it names columns of behaviours and their times", hint=_HINT)


def _places(names: Sequence[str]) -> dict[str, int]:
    """Return where each thing stands; nothing where the names are no header."""
    for columns in (_BORIS, _ELAN, _OWN):
        found = {what: [names.index(name) for name in known if name in names] for what, known in columns.items()}
        places = {what: where[0] for what, where in found.items() if where}
        if {"start", "stop"} <= set(places) or {"time", "kind", "label"} <= set(places):
            return places
    return {}


def _above(lines: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return what lines before the header say of the whole observation."""
    return {cells[0].strip().casefold(): cells[1] for cells in lines if len(cells) > 1}


def _rows(
    lines: Sequence[Sequence[str]], header: Sequence[str], places: Mapping[str, int], above: Mapping[str, str]
) -> list[CodedRow]:
    named = [cell.strip() for cell in header]
    modifiers = [i for i, name in enumerate(named) if name.casefold().startswith("modifier")]
    labels = [places["label"]] if "label" in places else _tiers(named, places)
    rows = []
    for cells in lines:
        whole = [*cells, *[""] * (len(named) - len(cells))]
        about = {what: whole[place] for what, place in places.items()}
        about.setdefault("offset", above.get("time offset (s)", ""))
        said = "|".join(whole[i] for i in modifiers)
        for i in labels:
            if whole[i]:
                tier = above.get("observation id", "" if "label" in places else named[i])
                rows.append(_row({"observation": tier} | about, whole[i], said))
    return rows


def _tiers(names: Sequence[str], places: Mapping[str, int]) -> list[int]:
    """Return the columns that hold annotations where none is called so: ELAN can give each tier its own."""
    return [
        i
        for i, name in enumerate(names)
        if name and i not in places.values() and not name.casefold().startswith(_NOT_TIERS)
    ]


def _row(about: Mapping[str, str], label: str, modifiers: str) -> CodedRow:
    kind = about.get("kind", "").strip().casefold()
    if "start" in about and kind != "point":
        kind = "span"
    subject = about.get("subject", "")
    return CodedRow(
        observation=about["observation"],
        subject="" if subject.casefold() == _NOBODY else subject,
        label=label,
        kind=kind,
        start=about.get("start", about.get("time")),
        stop=about.get("stop"),
        modifiers=modifiers,
        offset=about["offset"],
    )

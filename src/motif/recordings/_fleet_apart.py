"""What a `FleetJournal` wrote of many devices, taken apart again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from motif.errors import InputError
from motif.recordings._recording import Annotation, Recording

__all__ = ["DEVICE", "MARKS", "by_device", "by_session"]

DEVICE = "device"
"""The channel with the number of the device, and of its session, that a row is of."""
MARKS = "annotation"
"""The channel of readings that are marks alone, without samples."""
_NAMED = re.compile(r"device (\d+) is (.*)", re.DOTALL)
_RECORDS = re.compile(r"device (\d+) records (.*)", re.DOTALL)
_MARKED = re.compile(r"device (\d+) marks (.*)", re.DOTALL)

Key = TypeVar("Key", bound=Hashable)


def by_device(*parts: Recording) -> dict[str, Recording]:
    """Take apart what a `FleetJournal` wrote of a sensor: the recording of each device, by its name, with its marks.

    Parameters
    ----------
    *parts : Recording
        One, or several in their order; beside them `annotation.parquet`, whose marks each device then gets.

    Returns
    -------
    dict of Recording
        `subject` is the device, `session` what it called its recording, where it was one alone.

    Raises
    ------
    InputError
        They were not written by one, or are of different sensors.
    """
    return _by(parts, lambda device, session: device)


def by_session(*parts: Recording) -> dict[tuple[str, str], Recording]:
    """As `by_device`, but apart by device and session: a phone that was started twice gives two recordings."""
    return _by(parts, lambda device, session: (device, session))


def _by(parts: Sequence[Recording], key_of: Callable[[str, str], Key]) -> dict[Key, Recording]:
    motion = [part for part in parts if part.channels != (MARKS, DEVICE)] or list(parts)
    for part in motion:
        if part.channels[-1:] != (DEVICE,) or part.channels != motion[0].channels:
            raise InputError(f"the channels are {' '.join(part.channels)}; want parts of one sensor of a FleetJournal")
    pieces: dict[Key, list[Recording]] = defaultdict(list)
    for part in motion:
        for key, piece in _apart(part, key_of):
            pieces[key].append(piece)
    marks: dict[Key, list[Annotation]] = defaultdict(list)
    for part in parts if len(motion) < len(parts) else ():
        if part.channels == (MARKS, DEVICE):
            for key, piece in _apart(part, key_of):
                marks[key] += piece.annotations
    return {key: _joined(own, marks[key]) for key, own in pieces.items()}


def _apart(part: Recording, key_of: Callable[[str, str], Key]) -> Iterator[tuple[Key, Recording]]:
    devices, sessions, marks = _said(part.annotations)
    numbers: dict[Key, list[int]] = defaultdict(list)
    for number, device in devices.items():
        numbers[key_of(device, sessions.get(number, ""))].append(number)
    places = np.full(max(devices, default=0) + 2, len(numbers))
    for place, own in enumerate(numbers.values()):
        places[own] = place
    whose = places[np.clip(part.values[:, -1], 0, len(places) - 1).astype(np.int64)]
    order = np.argsort(whose, kind="stable")
    ends = np.searchsorted(whose[order], np.arange(len(numbers) + 1))
    for place, (key, own) in enumerate(numbers.items()):
        rows = order[ends[place] : ends[place + 1]]
        names = {sessions.get(number, "") for number in own}
        yield (
            key,
            replace(
                part,
                values=part.values[rows, :-1],
                time_ns=part.time_ns[rows],
                channels=part.channels[:-1],
                units=part.units[:-1],
                subject=devices[own[0]],
                session=names.pop() if len(names) == 1 else "",
                annotations=tuple(mark for number in own for mark in marks.get(number, ())),
            ),
        )


def _said(annotations: Sequence[Annotation]) -> tuple[dict[int, str], dict[int, str], dict[int, list[Annotation]]]:
    """Return the device of each number, its session, and the marks that were set on it."""
    devices: dict[int, str] = {}
    sessions: dict[int, str] = {}
    marks: dict[int, list[Annotation]] = defaultdict(list)
    for mark in annotations:
        if named := _NAMED.fullmatch(mark.label):
            devices[int(named[1])] = named[2]
        elif records := _RECORDS.fullmatch(mark.label):
            sessions[int(records[1])] = records[2]
        elif marked := _MARKED.fullmatch(mark.label):
            marks[int(marked[1])].append(replace(mark, label=marked[2]))
    return devices, sessions, marks


def _joined(pieces: Sequence[Recording], marks: Sequence[Annotation]) -> Recording:
    sessions = {piece.session for piece in pieces}
    return replace(
        pieces[0],
        values=np.concatenate([piece.values for piece in pieces]),
        time_ns=np.concatenate([piece.time_ns for piece in pieces]),
        session=sessions.pop() if len(sessions) == 1 else "",
        annotations=(*(mark for piece in pieces for mark in piece.annotations), *marks),
    )

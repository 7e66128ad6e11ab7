"""A recording taken apart into the messages a device would have sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from motif.recordings import Annotation, Readings, Recording
from motif.signals import convert
from motif.signals._units import quantity

__all__ = ["Message", "in_motif_units", "messages_of"]

_SENSORS = {
    "acc": "m/s²",
    "linear_acc": "m/s²",
    "gravity": "m/s²",
    "gyr": "rad/s",
    "mag": "µT",
    "quat": "",
}
"""Sensors whose axes travel together, and the unit they travel in; all other channels travel as one sensor."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """What a device sends at one moment."""

    due_s: float
    """When its last sample was taken, seconds since the recording began."""
    readings: tuple[Readings, ...]
    """One for each sensor; the first carries the annotations that ended since the message before."""


def messages_of(recording: Recording, device: str, *, chunk_s: float) -> Iterator[Message]:
    """Yield the recording in pieces of `chunk_s` of the device's time, each with all sensors.

    Times stay as they are. A sensor of which the recording says where it sits (`wrist.acc_x`) becomes a device of its
    own, `device.wrist`.
    """
    recording = in_motif_units(recording)
    seconds = recording.seconds
    sensors = _sensors(recording.channels, device)
    marks = sorted(recording.annotations, key=lambda mark: mark.stop_ns)
    latest_ns = np.maximum.accumulate(recording.time_ns) if recording.n_samples else recording.time_ns
    piece = np.floor(seconds / chunk_s + 1e-9).astype(np.int64)
    borders = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), recording.n_samples]
    for start, stop in pairwise(borders):
        if start == stop:
            continue
        last = stop == recording.n_samples
        n_ended = len(marks) if last else sum(mark.stop_ns <= latest_ns[stop - 1] for mark in marks)
        ended, marks = tuple(marks[:n_ended]), marks[n_ended:]
        yield Message(float(seconds[stop - 1]), tuple(_readings(recording, sensors, start, stop, ended)))


def in_motif_units(recording: Recording) -> Recording:
    """Return the recording with its motion sensors in m/s², rad/s and µT; what has no known unit stays as it is."""
    values, units = recording.values.copy(), list(recording.units)
    for column, (channel, unit) in enumerate(zip(recording.channels, recording.units, strict=True)):
        wanted = _SENSORS.get(_stem(channel), "")
        if wanted and unit and unit != wanted and quantity(unit) == quantity(wanted):
            values[:, column], units[column] = convert(values[:, column], unit, wanted), wanted
    return replace(recording, values=values, units=tuple(units))


def _stem(channel: str) -> str:
    return channel.rpartition(".")[2].rpartition("_")[0]


def _sensors(channels: Sequence[str], device: str) -> dict[tuple[str, str], NDArray[np.intp]]:
    """Return the columns of each sensor, by whose it is and what it measures, in the order they stand."""
    columns: dict[tuple[str, str], list[int]] = {}
    for column, channel in enumerate(channels):
        place, stem = channel.rpartition(".")[0], _stem(channel)
        key = (f"{device}.{place}" if place else device, stem) if stem in _SENSORS else (device, "")
        columns.setdefault(key, []).append(column)
    return {key: np.array(found, dtype=np.intp) for key, found in columns.items()}


def _readings(
    recording: Recording,
    sensors: dict[tuple[str, str], NDArray[np.intp]],
    start: int,
    stop: int,
    ended: tuple[Annotation, ...],
) -> Iterator[Readings]:
    for (device, stem), columns in sensors.items():
        names = [recording.channels[column] for column in columns]
        yield Readings(
            device=device,
            channels=tuple(name.rpartition(".")[2] for name in names) if stem else tuple(names),
            time_ns=recording.time_ns[start:stop],
            values=recording.values[start:stop, columns],
            session=recording.session,
            annotations=ended,
        )
        ended = ()

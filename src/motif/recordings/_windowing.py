"""Recordings with annotations, cut into a labelled data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motif.errors import ColumnError, InputError, LabelError, TooFewSamplesError, UnitError
from motif.recordings._align import on_grid
from motif.recordings._cutting import Stream, cut_streams, in_samples
from motif.recordings._dataset import Dataset
from motif.recordings._readings import unit_of
from motif.recordings._recording import Recording
from motif.recordings.readers._columns import standard_unit
from motif.signals import convert

__all__ = ["windows_from_recordings"]

_LONE_SENSOR = "device"


def windows_from_recordings(
    recordings: Sequence[Recording],
    window_s: float = 1.0,
    hop_s: float | None = None,
    *,
    rate_hz: float | None = None,
    channels: Sequence[str] | None = None,
    background: str | None = None,
    min_share: float = 0.5,
    name: str = "recordings",
    recording_names: Sequence[str] = (),
) -> Dataset:
    """Cut annotated recordings into windows.

    Parameters
    ----------
    recordings : sequence of Recording
        Each is a stretch. Groups are subjects if every recording names one, else sessions, else the recordings.
    window_s, hop_s : float
        Length of a window and time between two starts, in seconds; half a window when `hop_s` is not given.
    rate_hz : float, optional
        Rate of the grid; the lowest typical rate among the recordings, to three digits, when not given.
    channels : sequence of str, optional
        Such as `("acc_x", "acc_y", "acc_z")`, of each sensor; all that the sensors have in common when not given.
    background : str, optional
        Class of the time that no annotation covers; such time is left out when not given.
    min_share : float in (0, 1]
        Share of a window that its class must hold.
    name : str
        Name of the data set.
    recording_names : sequence of str, optional
        A name for each recording, such as its file's, by which a window can be found again.

    Returns
    -------
    Dataset
        X (n, channels, sensors, samples). `wrist.acc_x` is channel `acc_x` of sensor `wrist`.

    Raises
    ------
    LabelError
        No annotation spans any time and there is no background.
    ColumnError
        A recording lacks a channel, or the sensors have none in common.
    TooFewSamplesError, ConfigError, InputError
        Not one window is left, a setting cannot be, units differ.
    """
    if not recordings:
        raise TooFewSamplesError("there is no recording to cut; give at least one")
    class_names = _class_names(recordings, background)
    sensors, kept = _layout(recordings[0].channels, channels)
    columns = [channel if sensor == _LONE_SENSOR else f"{sensor}.{channel}" for channel in kept for sensor in sensors]
    rate = rate_hz if rate_hz is not None else float(f"{min(recording.rate_hz for recording in recordings):.3g}")
    length, hop = in_samples(window_s, hop_s, rate)
    group_kind, groups = _groups(recordings)
    names = recording_names or [f"recording {number}" for number in range(1, len(recordings) + 1)]
    given = recordings[0].select(columns).units
    units = tuple(map(_usual, given))
    streams = []
    for recording, group, where in zip(recordings, groups, names, strict=True):
        even = on_grid(_chosen(recording, columns, given, where), rate)
        streams.append(Stream(even.values, _labels(even, class_names, background), group))
    cut = cut_streams(streams, length, hop, min_share=min_share)
    return Dataset(
        name=name,
        X=cut.X.reshape(len(cut.X), len(kept), len(sensors), length),
        y=cut.y,
        class_names=class_names,
        groups=cut.groups,
        group_kind=group_kind,
        stretch=cut.stretch,
        start=cut.start,
        rate_hz=rate,
        channels=kept,
        sensors=sensors,
        notes=(*cut.notes, *_moments(recordings), *_unread(recordings), *_without_unit(columns, units)),
        stretch_names=tuple(recording_names),
    )


def _class_names(recordings: Sequence[Recording], background: str | None) -> tuple[str, ...]:
    spans = {mark.label for recording in recordings for mark in recording.annotations if mark.stop_ns > mark.start_ns}
    names = sorted(spans - {background})
    if not names and background is None:
        raise LabelError(
            f"none of {len(recordings)} recordings has an annotation that spans any time; "
            "annotate them, or name the background"
        )
    return tuple(names if background is None else [background, *names])


def _moments(recordings: Sequence[Recording]) -> tuple[str, ...]:
    count = sum(mark.stop_ns <= mark.start_ns for recording in recordings for mark in recording.annotations)
    if count == 1:
        return ("1 annotation marks a moment, not a span, and labels nothing",)
    return (f"{count} annotations mark a moment, not a span, and label nothing",) if count else ()


def _unread(recordings: Sequence[Recording]) -> tuple[str, ...]:
    columns = sorted({recording.metadata.get("left out", "") for recording in recordings} - {""})
    return tuple(f"columns left out: {names}" for names in columns)


def _without_unit(columns: Sequence[str], units: Sequence[str]) -> tuple[str, ...]:
    pairs = zip(columns, units, strict=True)
    unsaid = [column for column, unit in pairs if not unit and unit_of(column.rpartition(".")[2])]
    return (f"nothing says the units of {', '.join(unsaid)}: m/s², rad/s and µT are assumed",) if unsaid else ()


def _chosen(recording: Recording, columns: Sequence[str], units: tuple[str, ...], where: str) -> Recording:
    """Return these columns, which have to be in `units`, in the units motif keeps them in."""
    for column in columns:
        if column not in recording.channels:
            raise ColumnError(column, have=recording.channels, where=where)
    chosen = recording.select(columns)
    if chosen.units != units:
        raise InputError(f"{where}: its units are {chosen.units}, those of the first {units}; convert them first")
    kept = tuple(map(_usual, units))
    pairs = zip(chosen.values.T, units, kept, strict=True)
    values = [convert(column, have, want) if have != want else column for column, have, want in pairs]
    return replace(chosen, values=np.column_stack(values), units=kept)


def _usual(unit: str) -> str:
    """Return the unit that motif keeps this quantity in; one that it does not know stays as it is."""
    try:
        return standard_unit(unit)
    except UnitError:
        return unit


def _layout(names: Sequence[str], wanted: Sequence[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sensors, and the channels that each of them has."""
    by_sensor: dict[str, list[str]] = {}
    for name in names:
        sensor, dot, channel = name.rpartition(".")
        by_sensor.setdefault(sensor if dot else _LONE_SENSOR, []).append(channel)
    shared = tuple(name for name in next(iter(by_sensor.values())) if all(name in has for has in by_sensor.values()))
    if wanted is None and not shared:
        raise ColumnError("a channel that all sensors have", have=tuple(names))
    for name in wanted or ():
        if name not in shared:
            raise ColumnError(name, have=shared)
    return tuple(by_sensor), tuple(wanted) if wanted is not None else shared


def _groups(recordings: Sequence[Recording]) -> tuple[str, list[str]]:
    for kind in ("subject", "session"):
        names = [str(getattr(recording, kind)) for recording in recordings]
        if all(names):
            return kind, names
    return "recording", [f"recording {number}" for number in range(1, len(recordings) + 1)]


def _labels(even: Recording, class_names: tuple[str, ...], background: str | None) -> NDArray[np.int64]:
    labels = np.full(even.n_samples, -1 if background is None else 0, np.int64)
    for mark in even.annotations:
        if mark.label in class_names:
            first, last = np.searchsorted(even.time_ns, [mark.start_ns, mark.stop_ns])
            labels[first:last] = class_names.index(mark.label)
    return labels

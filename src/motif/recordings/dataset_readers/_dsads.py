"""Daily and Sports Activities (UCI data set 256): packed per subject, or the original tree of text files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._layout import Layout, drop_unusable, joined
from motif.recordings.dataset_readers._npz import is_packed, packed_files, read_arrays, scaled

__all__ = ["LAYOUTS", "read_dsads", "read_dsads_tree"]

_KEYS = ("q", "scale", "channels", "activity_names", "subject", "rate")
_UNITS = {"T": "torso", "RA": "right_arm", "LA": "left_arm", "RL": "right_leg", "LL": "left_leg"}
_CHANNELS = tuple(f"{kind}_{axis}" for kind in ("acc", "gyr", "mag") for axis in "xyz")
_COLUMN = re.compile(rf"({'|'.join(_UNITS)})_([xyz])(acc|gyro|mag)")
_RATE_HZ = 25.0
_ACTIVITIES = (
    "sitting",
    "standing",
    "lying on back",
    "lying on right side",
    "ascending stairs",
    "descending stairs",
    "standing in an elevator still",
    "moving around in an elevator",
    "walking in a parking lot",
    "walking on a treadmill 4 km/h flat",
    "walking on a treadmill 4 km/h 15 deg inclined",
    "running on a treadmill 8 km/h",
    "exercising on a stepper",
    "exercising on a cross trainer",
    "cycling on an exercise bike horizontal",
    "cycling on an exercise bike vertical",
    "rowing",
    "jumping",
    "playing basketball",
)
_TREE = re.compile(r"a(\d\d)/p(\d+)/s(\d\d)\.txt")
_NOTE = "the magnetometer is relative to the Earth's field, without a unit"


def read_dsads(path: Path) -> Dataset:
    """Read packed subjects, from one file or all such files of a folder.

    Parameters
    ----------
    path : Path
        Keys `q` (channels, activities, segments, samples), `scale`, `channels` such as `RA_xgyro`, `activity_names`,
        `subject`, `rate`.

    Returns
    -------
    Dataset
        X (n, 9, units, samples), m/s² and rad/s. Groups are subjects; the segments of one subject and activity are
        consecutive pieces of one recording, so one stretch.

    Raises
    ------
    FormatError
        A key is missing or shapes differ.

    References
    ----------
    Altun, Barshan, Tunçel (2010), Pattern Recognition 43(10), doi:10.1016/j.patcog.2010.04.019.
    """
    files = packed_files(path, _KEYS) or [path]
    return joined([_read_subject(file) for file in files])


def _read_subject(path: Path) -> Dataset:
    arrays = read_arrays(path, _KEYS)
    q, scale, names, activities = (arrays[key] for key in ("q", "scale", "channels", "activity_names"))
    if q.ndim != 4 or 0 in q.shape or names.shape != q.shape[:1] or activities.shape != q.shape[1:2]:
        raise FormatError(path, f"q has shape {q.shape}", hint="want (channels, activities, segments, samples)")
    units, order = _by_unit(path, names)
    if arrays["subject"].size != 1 or arrays["rate"].size != 1 or arrays["rate"].dtype.kind not in "iuf":
        raise FormatError(path, "subject or rate is not a single value", hint="want one file for each subject")
    values = scaled(q, scale.reshape(-1, 1, 1, 1), path)[order]
    windows = np.ascontiguousarray(values.transpose(1, 2, 0, 3)).reshape(-1, len(_CHANNELS), len(units), q.shape[3])
    activity = np.repeat(np.arange(q.shape[1]), q.shape[2])
    segment = np.tile(np.arange(q.shape[2]), q.shape[1])
    return _dataset(
        path,
        windows,
        activity,
        segment,
        subjects=np.full(len(windows), f"p{arrays['subject'].reshape(-1)[0]}"),
        class_names=tuple(str(name) for name in activities),
        units=units,
        rate_hz=float(arrays["rate"].reshape(-1)[0]),
    )


def _by_unit(path: Path, names: NDArray[np.str_]) -> tuple[tuple[str, ...], list[int]]:
    """Return the units in order of appearance, and the rows of q sorted by channel, then unit."""
    found: dict[tuple[str, str], int] = {}
    for row, name in enumerate(names):
        match = _COLUMN.fullmatch(str(name))
        if match is None:
            raise FormatError(path, f"channel {name!r} is unknown", hint="want names such as T_xacc, RA_ygyro, LL_zmag")
        unit, axis, kind = match.groups()
        found[_UNITS[unit], f"{kind[:3]}_{axis}"] = row
    units = tuple(dict.fromkeys(unit for unit, _ in found))
    if len(found) != len(units) * len(_CHANNELS):
        raise FormatError(path, f"{len(found)} channels for {len(units)} units", hint="want nine for each unit")
    return units, [found[unit, channel] for channel in _CHANNELS for unit in units]


def _dataset(
    path: Path,
    windows: NDArray[np.float32],
    activity: NDArray[np.int64],
    segment: NDArray[np.int64],
    *,
    subjects: NDArray[np.str_],
    class_names: tuple[str, ...],
    units: tuple[str, ...],
    rate_hz: float,
) -> Dataset:
    kept, notes = drop_unusable(windows, path)
    performed = np.char.add(np.char.add(subjects, "/"), activity.astype(str))
    _, first, stretch = np.unique(performed, return_index=True, return_inverse=True)
    return Dataset(
        name="dsads",
        X=windows[kept],
        y=activity[kept],
        class_names=class_names,
        groups=subjects[kept],
        group_kind="subject",
        stretch=stretch[kept],
        start=segment[kept] * windows.shape[-1],
        rate_hz=rate_hz,
        channels=_CHANNELS,
        sensors=units,
        notes=(*notes, _NOTE),
        stretch_names=tuple(f"{subjects[row]}, {class_names[activity[row]]}" for row in first),
    )


def read_dsads_tree(path: Path) -> Dataset:
    """Read the original tree `aXX/pY/sZZ.txt`: a 5 s segment a file, 125 lines of 45 numbers, five units of nine.

    Raises
    ------
    FormatError
        A file is not 125 × 45 numbers.
    """
    places = sorted((match, file) for file in path.glob("a??/p*/s??.txt") if (match := _place(file)))
    if not places:
        raise FormatError(path, "it holds no aXX/pY/sZZ.txt", hint="give the folder that holds a01 … a19")
    unknown = [file for (activity, _, _), file in places if activity >= len(_ACTIVITIES)]
    if unknown:
        raise FormatError(unknown[0], "its activity is not one of a01 … a19", hint="remove it, or rename its folder")
    units = tuple(_UNITS.values())
    windows = np.stack([_read_segment(file, len(units)) for _, file in places])
    activity, subject, segment = (np.array(column) for column in zip(*(place for place, _ in places), strict=True))
    return _dataset(
        path,
        windows,
        activity,
        segment,
        subjects=np.char.add("p", subject.astype(str)),
        class_names=_ACTIVITIES,
        units=units,
        rate_hz=_RATE_HZ,
    )


def _place(file: Path) -> tuple[int, int, int] | None:
    match = _TREE.fullmatch("/".join(file.parts[-3:]))
    if match is None:
        return None
    activity, subject, segment = map(int, match.groups())
    return activity - 1, subject, segment - 1


def _read_segment(path: Path, n_units: int) -> NDArray[np.float32]:
    try:
        table = np.loadtxt(path, delimiter=",", dtype=np.float32, ndmin=2)
    except (ValueError, UnicodeDecodeError) as error:
        raise FormatError(path, f"it is not a table of numbers ({error})", hint="want 125 lines of 45") from error
    if table.shape != (125, n_units * len(_CHANNELS)):
        raise FormatError(path, f"it is {table.shape[0]} × {table.shape[1]}", hint="want 125 lines of 45 numbers")
    return table.T.reshape(n_units, len(_CHANNELS), 125).transpose(1, 0, 2)


LAYOUTS = (
    Layout(
        name="dsads",
        describes="activities packed per subject as npz with q, scale, channels, activity_names, subject, rate",
        recognizes=lambda path: is_packed(path, _KEYS),
        read=read_dsads,
    ),
    Layout(
        name="dsads-tree",
        describes="the UCI folder of aXX/pY/sZZ.txt, 125 lines of 45 numbers each",
        recognizes=lambda path: path.is_dir() and any(_place(file) for file in path.glob("a??/p*/s??.txt")),
        read=read_dsads_tree,
    ),
)

"""Phone in the pocket and watch on the wrist at the same time (GeoTec, UJI), packed into one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, FormatError
from motif.recordings._cutting import Stream, cut_streams, in_samples
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._checks import check_class_indices, check_columns, check_offsets
from motif.recordings.dataset_readers._layout import Layout, joined
from motif.recordings.dataset_readers._npz import is_packed, packed_files, read_arrays, scaled
from motif.signals import resample

__all__ = ["LAYOUT", "read_sp_sw_har"]

_KEYS = ("q", "scale", "t_rel_ms", "t0_ms", "y", "offsets", "class_names", "channels", "subject", "execution", "device")
_SENSORS = {"phone": "sp", "watch": "sw"}
_NS_PER_MS = 1_000_000
_MOST_MS = 4_000_000_000_000  # of two such, the sum still fits 64 bits of nanoseconds
_MAX_GAP_S = 0.25  # the phone hands its samples over in bursts, up to 188 ms apart


def read_sp_sw_har(
    path: Path,
    *,
    window_s: float = 1.0,
    hop_s: float | None = None,
    device: Literal["phone", "watch", "both"] = "both",
    rate_hz: float = 100.0,
    min_share: float = 0.5,
) -> Dataset:
    """Read continuous activities with their transitions, brought onto an even grid and cut into windows.

    Parameters
    ----------
    path : Path
        Keys `q` (6, samples), `scale`, `t_rel_ms`, `t0_ms`, `y`, `offsets`, `class_names`, `channels`, `subject`,
        `execution`, `device`; or a folder with such files.
    window_s, hop_s : float
        Length of a window and time between two starts; half a window when `hop_s` is not given.
    device : {"phone", "watch", "both"}
        With both, each is a sensor, aligned by the clock; the time in which both ran is used, labels are the phone's.
    rate_hz : float
        Of the grid; the devices run at about 102 to 104 Hz.
    min_share : float in (0, 1]
        Share of a window that its activity must hold.

    Returns
    -------
    Dataset
        X (n, 6, sensors, samples), m/s² and rad/s. Groups are subjects, an execution is a stretch.

    Raises
    ------
    ConfigError
        There is no such device, or a setting cannot be.
    FormatError
        A key is missing or lengths differ.

    References
    ----------
    Matey-Sanz, Casteleyn, Granell (2023), Data in Brief 51, doi:10.1016/j.dib.2023.109809.
    """
    sensors = ("phone", "watch") if device == "both" else (device,)
    if not set(sensors) <= set(_SENSORS):
        raise ConfigError(f"device is {device!r}; want phone, watch or both")
    length, hop = in_samples(window_s, hop_s, rate_hz)
    return joined(
        [_read_file(file, sensors, length, hop, rate_hz, min_share) for file in packed_files(path, _KEYS) or [path]]
    )


def _read_file(
    path: Path, sensors: tuple[str, ...], length: int, hop: int, rate_hz: float, min_share: float
) -> Dataset:
    arrays = _checked(path)
    values = scaled(arrays["q"], arrays["scale"][:, None], path)
    streams, names, n_alone = [], [], 0
    for (subject, execution), rows in _executions(arrays).items():
        if not all(_SENSORS[sensor] in rows for sensor in sensors):
            n_alone += 1
            continue
        names.append(f"{subject}, execution {execution}")
        streams.append(_aligned(arrays, values, [rows[_SENSORS[sensor]] for sensor in sensors], rate_hz))
    cut = cut_streams(streams, length, hop, min_share=min_share)
    missing = (f"{n_alone} executions lack one of {', '.join(sensors)} and were left out",) if n_alone else ()
    return Dataset(
        name="sp_sw_har",
        X=cut.X.reshape(len(cut.X), len(values), len(sensors), length),
        y=cut.y,
        class_names=tuple(arrays["class_names"].tolist()),
        groups=cut.groups,
        group_kind="subject",
        stretch=cut.stretch,
        start=cut.start,
        rate_hz=rate_hz,
        channels=tuple(name.replace("gyro_", "gyr_") for name in arrays["channels"].tolist()),
        sensors=sensors,
        notes=(*missing, *cut.notes),
        stretch_names=tuple(names),
    )


def _checked(path: Path) -> Mapping[str, NDArray[Any]]:
    arrays = read_arrays(path, _KEYS)
    q = arrays["q"]
    if q.ndim != 2 or arrays["scale"].shape != q.shape[:1]:
        raise FormatError(path, f"q has shape {q.shape}", hint="want (channels, samples), and a scale for each channel")
    check_columns(path, arrays, len(q), texts=("channels",))
    n_recordings = check_offsets(path, arrays["offsets"], q.shape[1])
    check_columns(path, arrays, q.shape[1], integers=("t_rel_ms", "y"))
    check_columns(path, arrays, n_recordings, integers=("t0_ms", "execution"), texts=("subject", "device"))
    check_class_indices(path, arrays["y"], arrays["class_names"])
    for key in ("t_rel_ms", "t0_ms"):
        if not -_MOST_MS < int(arrays[key].min()) <= int(arrays[key].max()) < _MOST_MS:
            raise FormatError(path, f"{key} reaches {arrays[key].max()}", hint="want milliseconds")
    return arrays


def _executions(arrays: Mapping[str, NDArray[Any]]) -> dict[tuple[str, int], dict[str, int]]:
    """Return the recording of each device, for each subject and execution."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for row, (subject, execution, device) in enumerate(
        zip(arrays["subject"].tolist(), arrays["execution"].tolist(), arrays["device"].tolist(), strict=True)
    ):
        found.setdefault((subject, execution), {})[device] = row
    return found


def _aligned(
    arrays: Mapping[str, NDArray[Any]], values: NDArray[np.float32], rows: list[int], rate_hz: float
) -> Stream:
    """Bring the recordings of one execution onto one grid, over the time in which all of them ran."""
    samples = [slice(*arrays["offsets"][row : row + 2]) for row in rows]
    times = [
        (arrays["t_rel_ms"][part].astype(np.int64) + int(arrays["t0_ms"][row])) * _NS_PER_MS
        for row, part in zip(rows, samples, strict=True)
    ]
    even = [
        resample(time, values[:, part].T, rate_hz, max_gap_s=_MAX_GAP_S)
        for time, part in zip(times, samples, strict=True)
    ]
    begin, end = max(grid.time_ns[0] for grid in even), min(grid.time_ns[-1] for grid in even)
    step_ns = 1e9 / rate_hz
    skip = [round((begin - grid.time_ns[0]) / step_ns) for grid in even]
    n = max(0, min(int((end - begin) / step_ns) + 1, *(len(g.values) - s for g, s in zip(even, skip, strict=True))))
    columns = np.stack([grid.values[first : first + n] for grid, first in zip(even, skip, strict=True)], axis=2)
    grid_ns = even[0].time_ns[skip[0] : skip[0] + n]
    order = np.argsort(times[0], kind="stable")
    latest = np.searchsorted(times[0][order], grid_ns, side="right") - 1
    labels = arrays["y"][samples[0]][order][latest.clip(0)].astype(np.int64)
    return Stream(columns.reshape(n, len(values) * len(rows)), labels, str(arrays["subject"][rows[0]]))


LAYOUT = Layout(
    name="sp_sw_har",
    describes="phone and watch recordings packed as npz with q, scale, t_rel_ms, t0_ms, y, offsets, subject, device",
    recognizes=lambda path: is_packed(path, _KEYS),
    read=read_sp_sw_har,
)

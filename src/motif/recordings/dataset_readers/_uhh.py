"""Continuous phone gestures with rests between (UHH-IMU-gestures), packed into one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from motif.checks import require_count
from motif.errors import ConfigError, FormatError
from motif.recordings._cutting import Stream, cut_streams
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._checks import check_class_indices, check_columns, check_offsets
from motif.recordings.dataset_readers._layout import Layout, as_float32, drop_unusable, joined
from motif.recordings.dataset_readers._npz import is_packed, packed_files, read_arrays
from motif.signals import stretches

__all__ = ["LAYOUT", "read_uhh"]

_KEYS = ("x", "active", "offsets", "subject", "gesture", "gesture_names", "channels")
_REST = "rest"


def read_uhh(
    path: Path,
    *,
    mode: Literal["isolated", "stream"] = "isolated",
    length: int = 64,
    hop: int | None = None,
    min_share: float = 0.5,
) -> Dataset:
    """Read marked gestures, one window each, or windows of the whole stream with its rests.

    Parameters
    ----------
    path : Path
        Keys `x` (samples, channels), `active`, `offsets`, `subject`, `gesture`, `gesture_names`, `channels`; or a
        folder with such files.
    mode : {"isolated", "stream"}
        A window around the middle of each gesture, or windows every `hop` samples with the further class `rest`.
    length, hop : int
        In samples, as the rate is not known. A longer gesture is cropped, a shorter one has its own surroundings.
        `hop` is half of `length` when not given.
    min_share : float in (0, 1]
        Share of a window of the stream that its class must hold.

    Returns
    -------
    Dataset
        X (n, channels, 1, length). Groups are subjects, a sequence is a stretch.

    Raises
    ------
    ConfigError
        There is no such mode, or a setting cannot be.
    FormatError
        A key is missing, lengths differ, or no gesture is marked.

    References
    ----------
    Jirak, Tietz, Ali, Wermter (2020), Cognitive Computation, doi:10.1007/s12559-020-09754-0.
    """
    if mode not in ("isolated", "stream"):
        raise ConfigError(f"mode is {mode!r}; want isolated or stream")
    require_count("length", length)
    files = packed_files(path, _KEYS) or [path]
    return joined([_read_file(file, mode, length, hop, min_share) for file in files])


def _read_file(path: Path, mode: str, length: int, hop: int | None, min_share: float) -> Dataset:
    arrays = _checked(path)
    names = tuple(arrays["gesture_names"].tolist())
    facts: dict[str, Any]
    if mode == "isolated":
        facts = _isolated(path, arrays, length)
    else:
        cut = cut_streams(_streams(arrays), length, length // 2 or 1 if hop is None else hop, min_share=min_share)
        facts = {field: getattr(cut, field) for field in ("X", "y", "groups", "stretch", "start", "notes")}
        names = (_REST, *names)
    return Dataset(
        **facts | {"X": facts["X"][:, :, None]},
        name="uhh_imu_gestures",
        class_names=names,
        group_kind="subject",
        rate_hz=None,
        channels=tuple(name.replace("gyro_", "gyr_") for name in arrays["channels"].tolist()),
        sensors=("phone",),
        stretch_names=tuple(
            f"{subject}, {arrays['gesture_names'][gesture]}, sequence {row}"
            for row, (subject, gesture) in enumerate(zip(arrays["subject"], arrays["gesture"], strict=True))
        ),
    )


def _checked(path: Path) -> Mapping[str, NDArray[Any]]:
    arrays = read_arrays(path, _KEYS)
    x = arrays["x"]
    if x.ndim != 2 or x.dtype.kind not in "iuf":
        raise FormatError(path, f"x is {x.dtype} {x.shape}", hint="want numbers, (samples, channels)")
    check_columns(path, arrays, x.shape[1], texts=("channels",))
    n_sequences = check_offsets(path, arrays["offsets"], len(x))
    check_columns(path, arrays, len(x), integers=("active",))
    check_columns(path, arrays, n_sequences, integers=("gesture",), texts=("subject",))
    check_class_indices(path, arrays["gesture"], arrays["gesture_names"])
    return arrays


def _isolated(path: Path, arrays: Mapping[str, NDArray[Any]], length: int) -> dict[str, Any]:
    windows, rows, starts, n_short = [], [], [], 0
    for row, (begin, end) in enumerate(zip(arrays["offsets"], arrays["offsets"][1:], strict=False)):
        for first, stop in stretches(arrays["active"][begin:end] > 0):
            start = int(np.clip((first + stop - length) // 2, 0, max(0, end - begin - length)))
            n_short += int(end - begin < length)
            if end - begin >= length:
                windows.append(arrays["x"][begin + start : begin + start + length].T)
                rows.append(row)
                starts.append(start)
    if not windows:
        raise FormatError(path, f"no gesture of up to {length} samples is marked", hint="take a shorter length")
    X = as_float32(np.stack(windows))
    kept, notes = drop_unusable(X, path)
    if n_short:
        notes += (f"{n_short} gestures lie in sequences shorter than {length} samples and were left out",)
    sequence = np.array(rows)[kept]
    return {
        "X": X[kept],
        "y": arrays["gesture"][sequence].astype(np.int64),
        "groups": arrays["subject"][sequence],
        "stretch": sequence,
        "start": np.array(starts)[kept],
        "notes": notes,
    }


def _streams(arrays: Mapping[str, NDArray[Any]]) -> list[Stream]:
    bounds = zip(arrays["offsets"], arrays["offsets"][1:], strict=False)
    return [
        Stream(
            arrays["x"][begin:end].astype(np.float64),
            np.where(arrays["active"][begin:end] > 0, int(arrays["gesture"][row]) + 1, 0).astype(np.int64),
            str(arrays["subject"][row]),
        )
        for row, (begin, end) in enumerate(bounds)
    ]


LAYOUT = Layout(
    name="uhh",
    describes="gesture sequences packed as npz with x, active, offsets, subject, gesture, gesture_names, channels",
    recognizes=lambda path: is_packed(path, _KEYS),
    read=read_uhh,
)

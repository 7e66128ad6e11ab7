"""Any packed file of labelled windows: `q` and `scale`, or `X`, with `y`, class names and a group for each window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings._dataset import Dataset, concatenate
from motif.recordings.dataset_readers._checks import check_columns, class_indices
from motif.recordings.dataset_readers._layout import Layout, drop_unusable, empty_class_notes
from motif.recordings.dataset_readers._npz import keys, packed_files, read_arrays, scaled
from motif.signals import convert

__all__ = ["LAYOUT", "read_packed"]

_GROUPS = ("subject", "session", "block", "group")
_ORDERS = ("seq_id", "rep")
_UNITS = {"g": ("g", "m/s²"), "dps": ("deg/s", "rad/s")}
_QUANTITIES = ("acc", "gyr", "mag")
_AXES = {"roll": "x", "pitch": "y", "yaw": "z"}
_WAND = ("acc_x_g", "acc_y_g", "acc_z_g", "gyro_roll", "gyro_pitch", "gyro_yaw")
_WAND_RATE_HZ = 100.0  # IMU_DEFAULT_HZ in the wand's firmware


def read_packed(path: Path, *, rate_hz: float | None = None, group: str | None = None) -> Dataset:
    """Read packed windows, from one file or all such files of a folder.

    Parameters
    ----------
    path : Path
        Keys `q` (n, samples, channels) and `scale`, or `X`; `y` with `class_names`, or as texts; one of `subject`,
        `session`, `block`, `group` (n,); perhaps `channels`, `rate`, and `rep` or `seq_id`, the order of recording.
    rate_hz : float, optional
        Where the file does not say; the Electromagic Wand is known to run at 100 Hz.
    group : str, optional
        Which array holds the groups; the first there is, in the order above, when not given.

    Returns
    -------
    Dataset
        X (n, channels, 1, samples) in m/s² and rad/s where channels are called `acc_x_g`, `gyro_y_dps` or alike, else
        (n, frames, features). Windows are taken to have been recorded one by one: each is a stretch of its own.

    Raises
    ------
    FormatError
        A key is missing, lengths differ, or no window can be used.
    """
    files = [file for file in packed_files(path, ("y",)) if _fits(file)] or [path]
    return concatenate([_read_file(file, rate_hz, group) for file in files])


def _read_file(path: Path, rate_hz: float | None, group: str | None) -> Dataset:
    arrays = read_arrays(path, ("y",))
    group = group or next((key for key in _GROUPS if key in arrays), None)
    if group not in arrays:
        raise FormatError(
            path, f"it has no groups {group or _GROUPS}", hint="say who or which session each window is from"
        )
    raw = arrays["q"] if "q" in arrays and "scale" in arrays else arrays.get("X", np.empty(0))
    if raw.ndim != 3 or 0 in raw.shape:
        raise FormatError(
            path, f"its windows have shape {raw.shape}", hint="want q and scale, or X: (n, samples, channels)"
        )
    values = scaled(raw, arrays["scale"] if "q" in arrays else np.ones(1), path)
    y, class_names = _labels(path, arrays, len(raw))
    names, factors = _channels(path, arrays, raw.shape[2])
    with np.errstate(over="ignore"):
        values *= factors
    kept, notes = drop_unusable(values, path)
    is_imu = all(name.startswith(tuple(f"{quantity}_" for quantity in _QUANTITIES)) for name in names)
    order = next(
        (arrays[key] for key in _ORDERS if key in arrays and arrays[key].shape == (len(raw),)), np.arange(len(raw))
    )
    groups = arrays[group].astype(str)
    if groups.shape != (len(raw),):
        raise FormatError(path, f"{group} has shape {groups.shape}", hint=f"want ({len(raw)},), one for each window")
    stretch = np.empty(len(raw), np.int64)
    stretch[np.lexsort([order, y, groups])] = np.arange(len(raw))
    if rate_hz is None and "rate" in arrays and arrays["rate"].size == 1 and arrays["rate"].dtype.kind in "iuf":
        rate_hz = float(arrays["rate"].reshape(-1)[0])
    if rate_hz is None and tuple(arrays.get("channels", ())) == _WAND:
        rate_hz = _WAND_RATE_HZ
        notes += ("acceleration is clipped at 4 g; the scale of the angular rate is nominal",)
    X = values[kept]
    return Dataset(
        name=path.stem,
        X=X.transpose(0, 2, 1)[:, :, None] if is_imu else X,
        y=y[kept],
        class_names=class_names,
        groups=groups[kept],
        group_kind=group,
        stretch=stretch[kept],
        start=np.zeros(kept.size, np.int64),
        rate_hz=rate_hz,
        channels=names,
        sensors=("device",) if is_imu else (),
        notes=(*notes, *empty_class_notes(y[kept], class_names)),
    )


def _labels(path: Path, arrays: dict[str, NDArray[Any]], n: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    y = arrays["y"]
    if y.dtype.kind == "U" and y.shape == (n,):
        names, y = np.unique(y, return_inverse=True)
        return y, tuple(names.tolist())
    check_columns(path, arrays, n, integers=("y",))
    class_names = arrays.get("class_names", np.arange(int(y.max()) + 1).astype(str))
    class_indices(path, y, class_names)
    return y.astype(np.int64), tuple(class_names.tolist())


def _channels(path: Path, arrays: dict[str, NDArray[Any]], n: int) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return names without units, and what to multiply each channel by."""
    given = arrays.get("channels", np.array([f"feature_{i}" for i in range(n)]))
    if given.shape != (n,) or given.dtype.kind != "U":
        raise FormatError(path, f"channels are {given.tolist()!r:.80}", hint=f"want {n} names")
    names, factors = [], []
    for name in given.tolist():
        stem, _, unit = name.rpartition("_")
        known = stem and unit in _UNITS
        factors.append(convert([1.0], *_UNITS[unit])[0] if known else 1.0)
        quantity, _, axis = (stem if known else name).replace("gyro_", "gyr_").partition("_")
        names.append(f"{quantity}_{_AXES.get(axis, axis)}" if axis else quantity)
    return tuple(names), np.array(factors, np.float32)


def _fits(file: Path) -> bool:
    have = keys(file)
    return "y" in have and bool({"X", "q"} & have) and bool(have.intersection(_GROUPS)) and "offsets" not in have


LAYOUT = Layout(
    name="packed",
    describes="windows packed as npz with X, or q and scale, and y and one of subject, session, block, group",
    recognizes=lambda path: any(_fits(file) for file in packed_files(path, ("y",))),
    read=read_packed,
)

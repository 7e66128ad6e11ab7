"""Any packed file of labelled windows: `q` and `scale`, or `X`, with `y`, class names and a group for each window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._checks import check_class_indices, check_columns
from motif.recordings.dataset_readers._layout import Layout, drop_unusable, joined
from motif.recordings.dataset_readers._npz import keys, packed_files, read_arrays, scaled
from motif.signals import convert

__all__ = ["LAYOUT", "read_packed"]

_GROUPS = ("subject", "session", "block", "group")
_ORDERS = ("seq_id", "rep")
_UNITS = {"g": ("g", "m/s²"), "dps": ("deg/s", "rad/s")}
_QUANTITIES = ("acc_", "gyr_", "mag_")
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
    return joined([_read_file(file, rate_hz, group) for file in files])


def _read_file(path: Path, rate_hz: float | None, group: str | None) -> Dataset:
    arrays = read_arrays(path, ("y",))
    values = _windows(path, arrays)
    group_kind, groups = _groups(path, arrays, group, len(values))
    y, class_names = _labels(path, arrays, len(values))
    names, factors = _channels(path, arrays, values.shape[2])
    with np.errstate(over="ignore"):
        values *= factors
    kept, notes = drop_unusable(values, path)
    is_imu = all(name.startswith(_QUANTITIES) for name in names)
    known_rate_hz, rate_notes = _rate(arrays)
    return Dataset(
        name=path.stem,
        X=values[kept].transpose(0, 2, 1)[:, :, None] if is_imu else values[kept],
        y=y[kept],
        class_names=class_names,
        groups=groups[kept],
        group_kind=group_kind,
        stretch=_places(arrays, y, groups)[kept],
        start=np.zeros(kept.size, np.int64),
        rate_hz=known_rate_hz if rate_hz is None else rate_hz,
        channels=names,
        sensors=("device",) if is_imu else (),
        notes=(*notes, *rate_notes),
    )


def _windows(path: Path, arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    packed = {"q", "scale"} <= set(arrays)
    raw = arrays["q"] if packed else arrays.get("X", np.empty(0))
    if raw.ndim != 3 or 0 in raw.shape:
        raise FormatError(
            path, f"its windows have shape {raw.shape}", hint="want q and scale, or X: (n, samples, channels)"
        )
    return scaled(raw, arrays["scale"] if packed else np.ones(1), path)


def _groups(path: Path, arrays: dict[str, NDArray[Any]], wanted: str | None, n: int) -> tuple[str, NDArray[np.str_]]:
    kind = wanted or next((key for key in _GROUPS if key in arrays), _GROUPS[0])
    if kind not in arrays:
        raise FormatError(path, f"it has no array {kind!r}", hint="say who or which session each window is from")
    if arrays[kind].shape != (n,):
        raise FormatError(path, f"{kind} has shape {arrays[kind].shape}", hint=f"want ({n},), one for each window")
    return kind, arrays[kind].astype(str)


def _places(arrays: dict[str, NDArray[Any]], y: NDArray[np.int64], groups: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return a stretch for each window, ascending in the order of recording within a group and class."""
    in_file = np.arange(y.size)
    order = next((arrays[key] for key in _ORDERS if key in arrays and arrays[key].shape == y.shape), in_file)
    places = np.empty(y.size, np.int64)
    places[np.lexsort([order, y, groups])] = in_file
    return places


def _rate(arrays: dict[str, NDArray[Any]]) -> tuple[float | None, tuple[str, ...]]:
    if "rate" in arrays and arrays["rate"].size == 1 and arrays["rate"].dtype.kind in "iuf":
        return float(arrays["rate"].reshape(-1)[0]), ()
    if tuple(arrays.get("channels", ())) == _WAND:
        return _WAND_RATE_HZ, ("acceleration is clipped at 4 g; the scale of the angular rate is nominal",)
    return None, ()


def _labels(path: Path, arrays: dict[str, NDArray[Any]], n: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    y = arrays["y"]
    check_columns(path, arrays, n, **{"texts" if y.dtype.kind == "U" else "integers": ("y",)})
    if y.dtype.kind == "U" or "class_names" not in arrays:
        names, y = np.unique(y, return_inverse=True)
        return y, tuple(names.astype(str).tolist())
    check_class_indices(path, y, arrays["class_names"])
    return y.astype(np.int64), tuple(arrays["class_names"].tolist())


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

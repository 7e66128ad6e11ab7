"""Our own file: a data set as one packed file, written whole or not at all, exact to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from motif.errors import FormatError, InputError
from motif.files import atomic_file
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._layout import Layout
from motif.recordings.dataset_readers._npz import is_packed, packed_files, read_arrays

__all__ = ["LAYOUT", "read_own", "save_dataset"]

_VERSION = 1
_MARK = "motif_dataset"
_ARRAYS = ("X", "y", "groups", "stretch", "start")
_TEXTS = ("class_names", "channels", "sensors", "notes")
_LATER_TEXTS = ("stretch_names",)  # files of earlier versions don't have it
_SINGLE = ("name", "group_kind", "rate_hz")
_KEYS = (_MARK, *_ARRAYS, *_TEXTS, *_SINGLE)


def save_dataset(dataset: Dataset, path: str | Path) -> Path:
    """Write a data set to one `.npz`, which `load_dataset` reads back equal to the bit.

    Returns
    -------
    Path
        `path`, with `.npz` added where it has another ending.

    Raises
    ------
    WriteError
        The disk is full or the folder cannot be written; `path` is untouched.
    """
    path = Path(path)
    if path.suffix != ".npz":
        path = path.with_name(path.name + ".npz")
    content = {field: getattr(dataset, field) for field in _ARRAYS}
    content |= {field: np.array(getattr(dataset, field), dtype=np.str_) for field in _TEXTS + _LATER_TEXTS}
    content |= {"name": np.array(dataset.name), "group_kind": np.array(dataset.group_kind)}
    content |= {"rate_hz": np.array(dataset.rate_hz or np.nan), _MARK: np.array(_VERSION)}
    with atomic_file(path) as file:
        np.savez(file, allow_pickle=False, **content)  # packing takes 9 s where it saves a quarter of 77 MB
    return path


def read_own(path: Path) -> Dataset:
    """Read a data set that `save_dataset` wrote.

    Raises
    ------
    FormatError
        It is damaged, of a later version, or contradicts itself.
    """
    files = packed_files(path, _KEYS) if path.is_dir() else [path]
    if len(files) != 1:
        raise FormatError(path, f"it holds {len(files)} data sets", hint="name one of the files")
    arrays = read_arrays(files[0], _KEYS)
    if arrays[_MARK].shape != () or arrays[_MARK].dtype.kind not in "iu" or arrays[_MARK] != _VERSION:
        raise FormatError(path, f"its version is {arrays[_MARK]}", hint=f"want {_VERSION}; a newer motif may read it")
    single = {key: arrays[key].reshape(-1) for key in _SINGLE}
    if any(value.size != 1 for value in single.values()) or single["rate_hz"].dtype.kind != "f":
        raise FormatError(path, "name, group_kind or rate_hz is not a single value", hint="write the file again")
    rate_hz = float(single["rate_hz"][0])
    try:
        return Dataset(
            name=str(single["name"][0]),
            X=arrays["X"],
            y=arrays["y"],
            class_names=tuple(arrays["class_names"].reshape(-1)),
            groups=arrays["groups"],
            group_kind=str(single["group_kind"][0]),
            stretch=arrays["stretch"],
            start=arrays["start"],
            rate_hz=None if np.isnan(rate_hz) else rate_hz,
            channels=tuple(arrays["channels"].reshape(-1)),
            sensors=tuple(arrays["sensors"].reshape(-1)),
            notes=tuple(arrays["notes"].reshape(-1)),
            **{field: tuple(arrays[field].reshape(-1)) for field in _LATER_TEXTS if field in arrays},
        )
    except InputError as error:
        raise FormatError(path, str(error), hint="write the file again with save_dataset") from error


LAYOUT = Layout(
    name="motif",
    describes="a data set as save_dataset writes it (.npz)",
    recognizes=lambda path: is_packed(path, _KEYS),
    read=read_own,
)

"""Folders of Arduino-style CSV: a class a file, one gesture after another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.checks import require_count
from motif.errors import FormatError
from motif.recordings._dataset import Dataset, concatenate
from motif.recordings.dataset_readers._layout import Layout, as_float32, contiguous_blocks, drop_unusable
from motif.recordings.readers._arduino import ArduinoReader

__all__ = ["LAYOUT", "read_arduino"]

_PARTS = ("train", "test")
_USUAL_ROWS = 119


def read_arduino(
    path: Path, *, rows_per_sample: int | None = None, rate_hz: float | None = None, n_blocks: int = 5
) -> Dataset:
    """Read a folder of CSV with a class each, or a folder with `train` and `test` folders of that kind.

    Parameters
    ----------
    path : Path
        `flex.csv`, `punch.csv`, … with columns aX,aY,aZ,gX,gY,gZ in g and deg/s; or one such file.
    rows_per_sample : int, optional
        Length of a gesture, where no blank line stands between two; 119, a second of the board's usual sketch, where
        that divides all there is.
    rate_hz : float, optional
        How fast the board sampled; 119 Hz (Nano 33 BLE Sense) is assumed when not given.
    n_blocks : int
        The gestures of a class are cut into so many contiguous blocks: the groups, if there is no train and test.

    Returns
    -------
    Dataset
        X (n, 6, 1, rows), m/s² and rad/s. Every gesture is a stretch of its own, in the order of the file.

    Raises
    ------
    FormatError
        A line is not six numbers, or gestures have no common length.
    ConfigError
        `rows_per_sample` or `n_blocks` is below 1.
    """
    require_count("n_blocks", n_blocks)
    parts = {part: files for part in _PARTS if (files := _files(path / part))} or {"": _files(path) or [path]}
    gestures = {
        part: {file.stem: _gestures(file, rows_per_sample, rate_hz) for file in files} for part, files in parts.items()
    }
    lengths = [len(each) for classes in gestures.values() for found in classes.values() for each in found]
    length = int(np.bincount(lengths).argmax())
    if lengths.count(length) * 2 < len(lengths):
        if rows_per_sample is None and not any(n % _USUAL_ROWS for n in lengths):
            read = read_arduino(path, rows_per_sample=_USUAL_ROWS, rate_hz=rate_hz, n_blocks=n_blocks)
            return replace(read, notes=(*read.notes, f"every {_USUAL_ROWS} rows are taken for a gesture"))
        shown = ", ".join(map(str, sorted(set(lengths))[:5]))
        raise FormatError(
            path, f"its gestures have {shown} rows and no common length", hint="give rows_per_sample, such as 119"
        )
    datasets = [
        _dataset(path, classes, part, length=length, rate_hz=rate_hz, n_blocks=n_blocks)
        for part, classes in gestures.items()
    ]
    return concatenate(datasets, name=path.resolve().stem)


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    return [file for file in files if ArduinoReader().sniff(file) or not os.access(file, os.R_OK)]  # reading says why


def _gestures(file: Path, rows_per_sample: int | None, rate_hz: float | None) -> list[NDArray[np.float64]]:
    recording = ArduinoReader().read(file, rows_per_sample=rows_per_sample, rate_hz=rate_hz)
    return [recording.slice_time(mark.start_ns, mark.stop_ns).values for mark in recording.annotations]


def _dataset(
    path: Path,
    classes: dict[str, list[NDArray[np.float64]]],
    part: str,
    *,
    length: int,
    rate_hz: float | None,
    n_blocks: int,
) -> Dataset:
    class_names = tuple(classes)
    pairs = [(y, each) for y, found in enumerate(classes.values()) for each in found if len(each) == length]
    n_odd = sum(map(len, classes.values())) - len(pairs)
    if not pairs:
        raise FormatError(path / part, f"no gesture has {length} rows", hint="give rows_per_sample")
    X = as_float32(np.stack([each.T for _, each in pairs]))[:, :, None]
    y = np.array([label for label, _ in pairs])
    kept, notes = drop_unusable(X, path)
    if n_odd:
        notes += (f"{n_odd} gestures of {part or 'the files'} don't have {length} rows and were left out",)
    if rate_hz is None:
        notes += ("119 Hz is assumed, the rate of the Nano 33 BLE Sense",)
    return Dataset(
        name=path.resolve().stem,
        X=X[kept],
        y=y[kept],
        class_names=class_names,
        groups=np.full(kept.size, part) if part else contiguous_blocks(y[kept], n_blocks).astype(str),
        group_kind="part" if part else "block",
        stretch=kept,
        start=np.zeros(kept.size, np.int64),
        rate_hz=119.0 if rate_hz is None else rate_hz,
        channels=("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"),
        sensors=("board",),
        notes=notes,
    )


LAYOUT = Layout(
    name="arduino",
    describes="a folder of CSV with columns aX,aY,aZ,gX,gY,gZ, a class a file",
    recognizes=lambda path: (
        bool(_files(path) or any(_files(path / part) for part in _PARTS))
        or (path.is_file() and ArduinoReader().sniff(path))
    ),
    read=read_arduino,
)

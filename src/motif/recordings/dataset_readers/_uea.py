"""Classification problems of the UEA and UCR archives: `NAME_TRAIN.ts` and `NAME_TEST.ts`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings._dataset import Dataset, concatenate
from motif.recordings.dataset_readers._layout import Layout, as_float32, drop_unusable, empty_class_notes
from motif.recordings.dataset_readers._ts import TimeSeries, parse_ts

__all__ = ["LAYOUT", "read_uea"]


def read_uea(path: Path, *, rate_hz: float | None = None, length: int | None = None) -> Dataset:
    """Read one `.ts` file, with its other half if it is called `…_TRAIN.ts` or `…_TEST.ts`, or the folder of both.

    Parameters
    ----------
    path : Path
        A file or a folder that holds one problem.
    rate_hz : float, optional
        The format does not say.
    length : int, optional
        Samples of a window: longer cases are cut there, shorter ones repeat their last sample. The longest case when
        not given.

    Returns
    -------
    Dataset
        X (n, dimensions, 1, samples). Groups are the parts `train` and `test`. Short gaps inside a case are bridged by
        a straight line; `notes` count the cases that were bridged or padded. A case is a stretch of its own.

    Raises
    ------
    FormatError
        A file is not in the format, the halves don't fit, or the folder holds several problems.
    """
    parts = {part: parse_ts(file) for part, file in _parts(path).items()}
    longest = max(case.shape[1] for series in parts.values() for case in series.cases)
    first = next(iter(parts.values()))
    if any(len(series.cases[0]) != len(first.cases[0]) for series in parts.values()):
        raise FormatError(path, "train and test differ in their dimensions", hint="take two files of one problem")
    datasets = [_dataset(path, series, part, length or longest, rate_hz) for part, series in parts.items()]
    return concatenate(datasets, name=first.name)


def _parts(path: Path) -> dict[str, Path]:
    files = sorted(path.glob("*.ts")) if path.is_dir() else [path]
    stems = {_stem(file) for file in files}
    if len(stems) != 1:
        raise FormatError(path, f"it holds {len(stems)} problems ({', '.join(sorted(stems))})", hint="name one file")
    stem = stems.pop()
    folder = path if path.is_dir() else path.parent
    pair = {part: folder / f"{stem}_{part.upper()}.ts" for part in ("train", "test")}
    there = {part: file for part, file in pair.items() if file.is_file()}
    return there or {"all": files[0]}


def _stem(file: Path) -> str:
    return file.stem.removesuffix("_TRAIN").removesuffix("_TEST")


def _dataset(path: Path, series: TimeSeries, part: str, length: int, rate_hz: float | None) -> Dataset:
    bridged = [_bridged(case) for case in series.cases]
    n_bridged = sum(bool(np.isnan(case).any()) for case in series.cases)
    lengths = np.array([case.shape[1] for case in series.cases])
    X = as_float32(np.stack([_fitted(case, length) for case in bridged]))[:, :, None]
    kept, notes = drop_unusable(X, path)
    for count, what in (
        (n_bridged, "had missing values, bridged by a straight line"),
        (int(np.sum(lengths < length)), f"were shorter than {length} samples and repeat their last one"),
        (int(np.sum(lengths > length)), f"were longer than {length} samples and were cut"),
    ):
        if count:
            notes += (f"{count} of {len(lengths)} cases of {part} {what}",)
    y = np.array([series.class_names.index(label) for label in series.labels])[kept]
    return Dataset(
        name=series.name,
        X=X[kept],
        y=y,
        class_names=series.class_names,
        groups=np.full(kept.size, part),
        group_kind="part",
        stretch=kept,
        start=np.zeros(kept.size, np.int64),
        rate_hz=rate_hz,
        channels=tuple(f"dimension_{i}" for i in range(X.shape[1])),
        sensors=("device",),
        notes=(*notes, *empty_class_notes(y, series.class_names)),
        stretch_names=tuple(f"{part}, case {case}" for case in range(len(lengths))),
    )


def _bridged(case: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the case with missing values on a straight line between their neighbours; a row without any stays NaN."""
    whole = case.copy()
    for row in whole:
        missing = np.isnan(row)
        if missing.any() and not missing.all():
            row[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), row[~missing])
    return whole


def _fitted(case: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.pad(case[:, :length], ((0, 0), (0, max(0, length - case.shape[1]))), mode="edge")


LAYOUT = Layout(
    name="uea",
    describes="NAME_TRAIN.ts and NAME_TEST.ts of the UEA and UCR archives, or one .ts file",
    recognizes=lambda path: path.suffix == ".ts" if path.is_file() else next(path.glob("*.ts"), None) is not None,
    read=read_uea,
)

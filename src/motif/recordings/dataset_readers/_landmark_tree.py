"""The tree `<class>/<sequence>/<frame>.npy` that hand-landmark collectors write: an (84,) array a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.checks import require_count
from motif.errors import FormatError
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._hand import HAND_FEATURES
from motif.recordings.dataset_readers._layout import (
    Layout,
    as_float32,
    contiguous_blocks,
    drop_unusable,
    empty_class_notes,
)

__all__ = ["LAYOUT", "read_landmark_tree"]


def read_landmark_tree(path: Path, *, n_blocks: int = 5, n_frames: int | None = None) -> Dataset:
    """Read a folder of sequences, in the order of their numbers.

    Parameters
    ----------
    path : Path
        Holds a folder a class, with a folder a sequence, with a file a frame: `swipe/17/0.npy`.
    n_blocks : int
        The sequences of a class are cut into so many contiguous blocks by number: the groups.
    n_frames : int, optional
        Frames of a sequence; what most of them have when not given. Others are left out and counted.

    Returns
    -------
    Dataset
        X (n, frames, 84). A class is a stretch, as its sequences were recorded one after another.

    Raises
    ------
    FormatError
        A file is damaged or not (84,), or no sequence can be used.
    ConfigError
        `n_blocks` is below 1.
    """
    require_count("n_blocks", n_blocks)
    class_names = tuple(sorted(folder.name for folder in _folders(path)))
    places = [(y, folder) for y, name in enumerate(class_names) for folder in _numbered(_folders(path / name))]
    frames = [_numbered(folder.glob("*.npy")) for _, folder in places]
    counts = np.array([len(files) for files in frames])
    if not counts.any():
        raise FormatError(path, "it holds no <class>/<sequence>/<frame>.npy", hint="give the folder of the classes")
    n_frames = n_frames or int(np.bincount(counts[counts > 0]).argmax())
    whole = np.flatnonzero(counts == n_frames)
    if not whole.size:
        raise FormatError(path, f"no sequence has {n_frames} frames", hint=f"they have {sorted(set(counts.tolist()))}")
    X = np.stack([np.stack([_frame(file) for file in frames[row]]) for row in whole])
    kept, notes = drop_unusable(X, path, empty=(X == 0).reshape(len(X), -1).all(axis=1))
    rows = whole[kept]
    y = np.array([places[row][0] for row in rows])
    return Dataset(
        name=path.resolve().name,
        X=X[kept],
        y=y,
        class_names=class_names,
        groups=contiguous_blocks(y, n_blocks).astype(str),
        group_kind="block",
        stretch=y,
        start=np.array([_number(places[row][1].name, default=row) for row in rows]) * n_frames,
        rate_hz=None,
        channels=HAND_FEATURES,
        notes=(*_odd_lengths(counts, n_frames), *notes, *empty_class_notes(y, class_names)),
        stretch_names=class_names,
    )


def _folders(path: Path) -> list[Path]:
    return [child for child in path.iterdir() if child.is_dir() and not child.name.startswith(".")]


def _number(name: str, *, default: int) -> int:
    digits = name.rpartition("_")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else default


def _numbered(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda file: (_number(file.stem, default=-1), file.name))


def _frame(file: Path) -> NDArray[np.float32]:
    try:
        with file.open("rb") as opened:
            values = np.lib.format.read_array(opened, allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, MemoryError, TypeError, OverflowError) as error:
        raise FormatError(file, f"it is not an array ({error})", hint="delete the sequence or copy it again") from error
    if values.shape != (len(HAND_FEATURES),) or values.dtype.kind not in "iuf":
        raise FormatError(file, f"it holds {values.dtype} {values.shape}", hint=f"want ({len(HAND_FEATURES)},) numbers")
    return as_float32(values)


def _odd_lengths(counts: NDArray[np.int64], n_frames: int) -> tuple[str, ...]:
    odd, times = np.unique(counts[counts != n_frames], return_counts=True)
    return tuple(
        f"{count} sequences have {length} frames instead of {n_frames} and were left out"
        for length, count in zip(odd, times, strict=True)
    )


def _looks_like_one(path: Path) -> bool:
    return path.is_dir() and next(path.glob("*/*/*.npy"), None) is not None


LAYOUT = Layout(
    name="landmark-tree",
    describes="a folder of <class>/<sequence>/<frame>.npy, 84 numbers a frame",
    recognizes=_looks_like_one,
    read=read_landmark_tree,
)

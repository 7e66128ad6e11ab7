"""Hand-landmark sequences packed into one file, as `handflow.npz` is: 12 frames of 21 landmarks, quantized."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._checks import check_class_indices, check_columns
from motif.recordings.dataset_readers._hand import HAND_FEATURES, N_LANDMARKS
from motif.recordings.dataset_readers._layout import Layout, drop_unusable, empty_class_notes
from motif.recordings.dataset_readers._npz import is_packed, packed_files, read_arrays, scaled

__all__ = ["LAYOUT", "read_handflow"]

_KEYS = ("q", "scale", "y", "class_names", "source", "seq_id", "n_zero_frames", "block")
_PER_SEQUENCE = ("q", "y", "source", "seq_id", "n_zero_frames", "block")


def read_handflow(path: Path) -> Dataset:
    """Read packed landmark sequences, from one file or all such files of a folder.

    Groups are the recording blocks, whatever their numbers. The sequences of one source and class follow each other in
    time by `seq_id`: they are one stretch, and a sequence starts where the one before it ends. So windows that touch
    can be told from those that don't.

    Parameters
    ----------
    path : Path
        Keys `q` (n, frames, 21, 3), `scale`, `y`, `class_names`, `source`, `seq_id`, `n_zero_frames`, `block`.

    Returns
    -------
    Dataset
        X (n, frames, 84): x, y, z and a zero for each of 21 landmarks, as the live collector writes them.

    Raises
    ------
    FormatError
        A key is missing, lengths differ, or no sequence holds a hand.
    """
    files = packed_files(path, _KEYS) or [path]
    parts = [_checked(file) for file in files]
    if any(part["class_names"].tolist() != parts[0]["class_names"].tolist() for part in parts):
        raise FormatError(path, "its files name different classes", hint="read them one by one and concatenate")
    joined = {key: np.concatenate([part[key] for part in parts]) for key in ("X", *_PER_SEQUENCE[1:])}
    n_frames = joined["X"].shape[1]
    kept, notes = drop_unusable(joined["X"], path, empty=joined["n_zero_frames"] >= n_frames)
    rows = {key: values[kept] for key, values in joined.items()}
    y = rows["y"].astype(np.int64)
    class_names = tuple(parts[0]["class_names"].tolist())
    performed = np.char.add(np.char.add(rows["source"], "/"), y.astype(str))
    _, first, stretch = np.unique(performed, return_index=True, return_inverse=True)
    return Dataset(
        name="handflow",
        X=rows["X"],
        y=y,
        class_names=class_names,
        groups=rows["block"].astype(str),
        group_kind="block",
        stretch=stretch,
        start=rows["seq_id"].astype(np.int64) * n_frames,
        rate_hz=None,
        channels=HAND_FEATURES,
        notes=(*notes, *empty_class_notes(y, class_names), "one person; blocks are contiguous in time, not people"),
        stretch_names=tuple(f"{rows['source'][row]}, {class_names[y[row]]}" for row in first),
    )


def _checked(path: Path) -> dict[str, NDArray[Any]]:
    arrays = read_arrays(path, _KEYS)
    q = arrays["q"]
    if q.ndim != 4 or q.shape[2:] != (N_LANDMARKS, 3) or 0 in q.shape:
        raise FormatError(path, f"q has shape {q.shape}", hint=f"want (n, frames, {N_LANDMARKS}, 3)")
    check_columns(path, arrays, len(q), integers=("y", "seq_id", "n_zero_frames", "block"), texts=("source",))
    check_class_indices(path, arrays["y"], arrays["class_names"])
    with_fourth = np.zeros((*q.shape[:3], 4), np.float32)
    with_fourth[..., :3] = scaled(q, arrays["scale"], path)
    return {**arrays, "X": with_fourth.reshape(*q.shape[:2], 4 * N_LANDMARKS)}


LAYOUT = Layout(
    name="handflow",
    describes="hand landmarks packed as npz with q, scale, y, class_names, source, seq_id, n_zero_frames, block",
    recognizes=lambda path: is_packed(path, _KEYS),
    read=read_handflow,
)

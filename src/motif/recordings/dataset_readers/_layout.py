"""What a reader of labelled data sets is, and what is common to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings._dataset import Dataset, concatenate

__all__ = ["Layout", "as_float32", "contiguous_blocks", "drop_unusable", "empty_class_notes", "joined"]


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which labelled motion lies on disk.

    A package adds one by an entry point of the group `motif.dataset_readers` that loads a `Layout`.
    """

    name: str
    """What `load_dataset(path, layout=name)` calls it."""
    describes: str
    """The files it reads, in a line: shown when no layout fits."""
    recognizes: Callable[[Path], bool]
    """Whether this file or folder looks like one of its kind. Looks at names and keys, reads no data."""
    read: Callable[..., Dataset]
    """`read(path, **options)`; its keyword-only arguments are the options of `load_dataset`."""


def as_float32(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return numbers as float32; what is too large becomes infinite, for `drop_unusable` to find."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def drop_unusable(
    X: NDArray[np.float32], path: Path, *, empty: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Find the windows to keep: finite, and not wholly empty where `empty` says so.

    Returns
    -------
    (n_kept,) indices, and a sentence for each reason to drop.

    Raises
    ------
    FormatError
        Nothing is left.
    """
    finite = np.isfinite(X).reshape(len(X), -1).all(axis=1)
    empty = np.zeros(len(X), bool) if empty is None else empty & finite
    notes = []
    if not finite.all():
        notes.append(f"{path.name}: {np.sum(~finite)} of {len(X)} windows hold NaN or infinity and were dropped")
    if empty.any():
        notes.append(f"{path.name}: {np.sum(empty)} of {len(X)} windows are empty from end to end and were dropped")
    kept = np.flatnonzero(finite & ~empty)
    if kept.size == 0:
        raise FormatError(
            path, f"none of its {len(X)} windows can be used", hint="; ".join(notes) or "want a file with windows"
        )
    return kept, tuple(notes)


def empty_class_notes(y: NDArray[np.int64], class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Return a sentence that names the classes without a window, if there are any."""
    missing = [name for index, name in enumerate(class_names) if not np.any(y == index)]
    return (f"no windows of {', '.join(missing)}",) if missing else ()


def joined(parts: Sequence[Dataset]) -> Dataset:
    """Return the parts of one data set as one, with a note of the classes that none of them has."""
    whole = concatenate(parts)
    return replace(whole, notes=(*whole.notes, *empty_class_notes(whole.y, whole.class_names)))


def contiguous_blocks(y: NDArray[np.int64], n_blocks: int) -> NDArray[np.int64]:
    """Return the block of each window: the windows of a class, in their order, cut into `n_blocks` equal runs."""
    block = np.empty(y.size, np.int64)
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        block[rows] = np.arange(rows.size) * n_blocks // rows.size
    return block

"""HDF5 without surprises: sizes are checked before reading, errors become ours, and nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, MotifError
from motif.optional import require
from motif.recordings.readers._binary import begins_with, one_line
from motif.recordings.readers._members import MAX_BYTES

__all__ = ["array", "looks_like_hdf5", "opened", "text", "texts"]

_HINT = "export it again from the program that wrote it"


def looks_like_hdf5(path: Path) -> bool:
    """Say whether a file begins as HDF5 does."""
    return begins_with(path, b"\x89HDF\r\n\x1a\n")


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open an HDF5 file to read; whatever is missing or damaged in it is a `FormatError`.

    Raises
    ------
    FormatError, MissingExtraError
    """
    h5py = require("h5py", extra="formats")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except MotifError:
        raise
    except (OSError, KeyError, IndexError, ValueError, TypeError, AttributeError, RuntimeError, MemoryError) as error:
        raise FormatError(path, f"is damaged or not of this format ({one_line(error)})", hint=_HINT) from error


def array(dataset: Any) -> NDArray[Any]:
    """Return a data set of plain numbers, texts or records: no objects, nothing larger than `MAX_BYTES`.

    Raises
    ------
    ValueError
        It is something else; `opened` makes that a `FormatError`.
    """
    if not hasattr(dataset, "dtype"):
        raise ValueError(f"{dataset.name} is a group where numbers should be")
    if dataset.dtype.hasobject and dataset.dtype.metadata is None:
        raise ValueError(f"{dataset.name} holds objects, which could run code and are not read")
    if dataset.size * dataset.dtype.itemsize > MAX_BYTES:
        raise ValueError(f"{dataset.name} claims {dataset.size:,} entries, more than fit in {MAX_BYTES:,} bytes")
    return np.asarray(dataset[...])


def text(entry: Any) -> str:
    """Return a text that may come as bytes."""
    return entry.decode("utf-8", "replace") if isinstance(entry, bytes) else str(entry)


def texts(dataset: Any) -> tuple[str, ...]:
    """Return a data set of texts."""
    return tuple(text(entry) for entry in array(dataset).tolist())

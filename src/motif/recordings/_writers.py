"""Recordings to files, whole or not at all: Parquet and npz. `read` gives back exactly what was written."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from motif.files import atomic_file
from motif.recordings._arrow import arrow_array
from motif.recordings._header import HEADER_KEY, header_of
from motif.recordings._recording import Recording

__all__ = ["store_parquet", "write_npz", "write_parquet"]


def write_parquet(recording: Recording, path: str | Path) -> Path:
    """Write a table of `time_ns` and one float64 column a channel; the rest is in the schema's metadata.

    Raises
    ------
    WriteError
        The disk is full or the folder cannot be written; nothing is changed.
    """
    path = Path(path)
    with atomic_file(path) as file:
        store_parquet(recording, file)
    return path


def store_parquet(recording: Recording, file: BinaryIO, *, dictionaries: bool = True) -> None:
    """Write what `write_parquet` writes to an open file; without dictionaries of its values in half the time."""
    import pyarrow
    from pyarrow import parquet

    columns = [arrow_array(column) for column in (recording.time_ns, *recording.values.T)]
    table = pyarrow.Table.from_arrays(columns, names=["time_ns", *recording.channels])
    table = table.replace_schema_metadata({HEADER_KEY: header_of(recording)})
    parquet.write_table(table, file, compression="zstd", use_dictionary=dictionaries)


def write_npz(recording: Recording, path: str | Path) -> Path:
    """Write `values`, `time_ns` and a JSON `header`, for anything with NumPy.

    Raises
    ------
    WriteError
        The disk is full or the folder cannot be written; nothing is changed.
    """
    path = Path(path)
    with atomic_file(path) as file:
        np.savez_compressed(
            file, values=recording.values, time_ns=recording.time_ns, header=np.array(header_of(recording))
        )
    return path

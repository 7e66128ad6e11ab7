"""The files motif writes, given back exactly: Parquet and npz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, InputError
from motif.recordings._align import on_grid
from motif.recordings._arrow import numpy_array
from motif.recordings._header import HEADER_KEY, recording_of
from motif.recordings._recording import Recording
from motif.recordings.readers._binary import begins_with, one_line, plain_array
from motif.recordings.readers._members import MAX_BYTES, members

__all__ = ["NpzReader", "ParquetReader"]

_HINT = "write it again with motif"


class ParquetReader:
    """What `write_parquet` wrote, and what a closed journal leaves."""

    name: ClassVar[str] = "parquet"
    description: ClassVar[str] = "Parquet written by motif"

    def sniff(self, path: Path) -> bool:
        """Look at the first four bytes."""
        return begins_with(path, b"PAR1")

    def read(self, path: Path, *, rate_hz: float | None = None) -> Recording:
        """Read a recording; on an even grid where `rate_hz` is given.

        Raises
        ------
        FormatError
            The file is damaged, or was not written by motif.
        """
        import pyarrow
        from pyarrow import parquet

        try:
            with path.open("rb") as source, parquet.ParquetFile(source) as file:
                header = (file.schema_arrow.metadata or {}).get(HEADER_KEY.encode())
                size = file.metadata.num_rows * file.metadata.num_columns * 8
                if header is None:
                    raise FormatError(path, "was not written by motif", hint="export the table as CSV and read that")
                if size > MAX_BYTES:
                    raise FormatError(path, f"claims {size:,} bytes, more than {MAX_BYTES:,}", hint="split it in parts")
                columns = [numpy_array(column.combine_chunks()) for column in file.read().columns]
        except (pyarrow.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(path, f"is not whole Parquet ({one_line(error)})", hint=_HINT) from error
        return on_grid(_checked(path, columns, header), rate_hz)


def _checked(path: Path, columns: Sequence[NDArray[Any]], header: bytes) -> Recording:
    try:
        return recording_of(np.column_stack(columns[1:]), columns[0], header)
    except (InputError, ValueError, IndexError) as error:
        raise FormatError(path, str(error), hint=_HINT) from error


class NpzReader:
    """What `write_npz` wrote. Arrays of objects are refused: they could run code."""

    name: ClassVar[str] = "npz"
    description: ClassVar[str] = "npz written by motif"

    def sniff(self, path: Path) -> bool:
        """Look at the name and the first two bytes."""
        return path.suffix.lower() == ".npz" and begins_with(path, b"PK")

    def read(self, path: Path, *, rate_hz: float | None = None) -> Recording:
        """Read a recording; on an even grid where `rate_hz` is given.

        Raises
        ------
        FormatError
            The file is damaged, or was not written by motif.
        """
        files = members(path, max_ratio=np.inf)  # zeros pack a thousand times
        wanted = ("values.npy", "time_ns.npy", "header.npy")
        missing = [name for name in wanted if name not in files]
        if missing:
            raise FormatError(path, f"has no {missing[0]}, only {', '.join(files) or 'nothing'}", hint=_HINT)
        values, time_ns, header = (plain_array(files[name](), path) for name in wanted)
        try:
            recording = recording_of(values, time_ns, str(header))
        except InputError as error:
            raise FormatError(path, str(error), hint=_HINT) from error
        return on_grid(recording, rate_hz)

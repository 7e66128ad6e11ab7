"""The files motif writes: Parquet, npz and netCDF, given back exactly; netCDF of `movement`; and bare .npy arrays."""

from __future__ import annotations

import io
import tokenize
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, InputError
from motif.recordings._align import on_grid
from motif.recordings._header import HEADER_KEY, recording_of
from motif.recordings._recording import Recording
from motif.recordings.readers._members import MAX_BYTES, members, read_limited

__all__ = ["NpyReader", "NpzReader", "ParquetReader"]

_HINT = "write it again with motif"
_DAMAGED_ARRAY = (
    *(ValueError, TypeError, LookupError, OSError, EOFError, MemoryError, OverflowError, SyntaxError),
    *(RecursionError, tokenize.TokenError),
)


class ParquetReader:
    """What `write_parquet` wrote, and what a closed journal leaves."""

    name: ClassVar[str] = "parquet"
    description: ClassVar[str] = "Parquet written by motif"

    def sniff(self, path: Path) -> bool:
        """Look at the first four bytes."""
        return _begins_with(path, b"PAR1")

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
                if header is None or size > MAX_BYTES:
                    raise FormatError(path, f"has no header of motif, or {size:,} bytes are too many", hint=_HINT)
                columns = [column.to_numpy() for column in file.read().columns]
        except (pyarrow.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(path, f"is not whole Parquet ({_one_line(error)})", hint=_HINT) from error
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
        return path.suffix.lower() == ".npz" and _begins_with(path, b"PK")

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
        values, time_ns, header = (_array(files[name](), path) for name in wanted)
        try:
            recording = recording_of(values, time_ns, str(header))
        except InputError as error:
            raise FormatError(path, str(error), hint=_HINT) from error
        return on_grid(recording, rate_hz)


class NpyReader:
    """A bare array, time first: (n,), (n, channels), key points (n, points, 2) or (n, animals, points, 2)."""

    name: ClassVar[str] = "npy"
    description: ClassVar[str] = ".npy array of (samples, channels) or of key points"

    def sniff(self, path: Path) -> bool:
        """Look at the first six bytes."""
        return _begins_with(path, b"\x93NUMPY")

    def read(
        self, path: Path, *, rate_hz: float | None = None, channels: Sequence[str] | None = None, unit: str = ""
    ) -> Recording:
        """Read an array; it has no clock, so `rate_hz` says how fast the device ran (default 30 Hz).

        Parameters
        ----------
        path : Path
            The file.
        rate_hz : Hz, optional
            Samples or frames per second.
        channels : names, optional
            One for each column after flattening; numbered names by default.
        unit : str
            Of all channels.

        Raises
        ------
        FormatError
            The file is damaged, holds objects, or has another number of channels or dimensions.
        """
        values = _array(read_limited(path), path)
        if not 1 <= values.ndim <= 4 or values.dtype.kind not in "fiu" or 0 in values.shape[1:]:
            raise FormatError(path, f"holds {values.dtype} of shape {values.shape}", hint="want numbers, time first")
        names = tuple(channels) if channels is not None else _numbered(values.shape[1:])
        step_ns = 1e9 / (rate_hz or 30.0)
        try:
            return Recording(
                values=values.reshape(len(values), len(names) if values.ndim > 1 else 1),
                time_ns=np.rint(np.arange(len(values)) * step_ns).astype(np.int64),
                channels=names,
                units=(unit,) * len(names),
                metadata={"rate": "as asked" if rate_hz else "30 Hz: assumed, the file does not say"},
            )
        except (InputError, ValueError) as error:
            raise FormatError(path, str(error), hint="give as many channels as it has columns") from error


def _numbered(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Name the columns of an array by place: `channel_3`; key points `point_3.x`, `track_0.point_3.x`."""
    if len(shape) < 2 or shape[-1] not in (2, 3):
        return tuple(f"channel_{i}" for i in range(int(np.prod(shape))))
    points = [f"point_{i}.{axis}" for i in range(shape[-2]) for axis in "xyz"[: shape[-1]]]
    if len(shape) == 2 or shape[0] == 1:
        return tuple(points)
    return tuple(f"track_{track}.{point}" for track in range(shape[0]) for point in points)


def _array(content: bytes, path: Path) -> NDArray[Any]:
    try:
        with warnings.catch_warnings(action="ignore"):  # a garbled header also warns of its syntax
            loaded = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except _DAMAGED_ARRAY as error:
        raise FormatError(path, f"is not a whole array of plain numbers ({_one_line(error)})", hint=_HINT) from error
    return np.asarray(loaded)


def _begins_with(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__

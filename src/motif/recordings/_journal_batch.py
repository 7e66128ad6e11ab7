"""What one flush of a journal brings: readings and annotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import DtypeError, InputError, NotFiniteError, ShapeError
from motif.recordings._checked import FARTHEST_NS
from motif.recordings._recording import Annotation

__all__ = ["Batch", "checked_readings", "joined"]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Readings and annotations that came together; either may be none."""

    time_ns: NDArray[np.int64]
    """(n_samples,)"""
    values: NDArray[np.float64]
    """(n_samples, n_channels)"""
    annotations: tuple[Annotation, ...] = ()

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return len(self.time_ns)


def joined(batches: Sequence[Batch], n_channels: int) -> Batch:
    """Return all batches as one."""
    return Batch(
        np.concatenate([np.empty(0, np.int64), *(batch.time_ns for batch in batches)]),
        np.concatenate([np.empty((0, n_channels)), *(batch.values for batch in batches)]),
        tuple(mark for batch in batches for mark in batch.annotations),
    )


def checked_readings(time_ns: ArrayLike, values: ArrayLike, n_channels: int) -> Batch:
    """Return a copy of readings that a `Recording` will take.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError, InputError
    """
    times, rows = np.atleast_1d(np.asarray(time_ns)), np.asarray(values)
    if times.dtype.kind not in "iu" and times.size:
        raise DtypeError("time_ns", got=times.dtype, want="int64 nanoseconds; a float rounds them to 256 ns")
    if rows.dtype.kind not in "fiu":
        raise DtypeError("values", got=rows.dtype, want="numbers (float64)")
    rows = np.atleast_2d(rows) if rows.size else rows.reshape(len(rows) if rows.ndim else 0, n_channels)
    if times.ndim != 1 or rows.shape != (len(times), n_channels):
        raise ShapeError("values", got=rows.shape, want=f"({len(times)}, {n_channels}) for {len(times)} time(s)")
    if len(times) and not -FARTHEST_NS <= int(times.min()) <= int(times.max()) < FARTHEST_NS:
        raise InputError(f"time_ns reaches {times.min()} … {times.max()}; want nanoseconds since 1970")
    numbers = np.array(rows, dtype=np.float64)  # a copy: the caller may reuse the own one
    infinite = np.isinf(numbers)
    if infinite.any():
        raise NotFiniteError.of("values", infinite)
    return Batch(np.array(times, dtype=np.int64), numbers)

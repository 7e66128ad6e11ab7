"""Bare NumPy arrays: no names, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from motif.errors import FormatError, InputError
from motif.recordings._recording import Recording
from motif.recordings.readers._binary import begins_with, plain_array
from motif.recordings.readers._members import read_limited

__all__ = ["NpyReader"]


class NpyReader:
    """A bare array, time first: (n,), (n, channels), key points (n, points, 2) or (n, animals, points, 2)."""

    name: ClassVar[str] = "npy"
    description: ClassVar[str] = ".npy array of (samples, channels) or of key points"

    def sniff(self, path: Path) -> bool:
        """Look at the first six bytes."""
        return begins_with(path, b"\x93NUMPY")

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
        values = plain_array(read_limited(path), path)
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

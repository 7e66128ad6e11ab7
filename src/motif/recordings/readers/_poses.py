"""What pose formats share: key points to channels, frames to time, missing points to NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, InputError
from motif.recordings._recording import Recording

__all__ = ["DEFAULT_RATE_HZ", "pose_recording", "zeros_to_nan"]

DEFAULT_RATE_HZ = 30.0
"""Pose files number frames and do not say how fast the camera was."""
_CENTURY_S = 3.15e9
"""A frame number of a later time is damage."""


def pose_recording(
    path: Path,
    values: NDArray[np.float64],
    channels: Sequence[str],
    *,
    rate_hz: float | None,
    frames: NDArray[np.int64] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Recording:
    """Return a recording of key points.

    Parameters
    ----------
    path : Path
        For errors.
    values : (n_frames, n_channels)
        x and y in pixels, likelihoods without a unit.
    channels : names
        `keypoint.x`, or `individual.keypoint.x`; ending in `x`, `y`, `z` or `likelihood`.
    rate_hz : Hz, optional
        Frames per second of the camera; 30 if unknown, and then the metadata say so.
    frames : (n_frames,), optional
        Frame numbers, where some are missing.

    Raises
    ------
    FormatError
        The parts do not fit together.
    """
    numbers = np.arange(len(values)) if frames is None else frames
    rate = rate_hz or DEFAULT_RATE_HZ
    said = {"rate": f"{rate:g} Hz: {'as asked' if rate_hz else 'assumed, the file does not say'}"}
    try:
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < _CENTURY_S * rate:
            raise InputError(f"frame numbers run from {numbers.min()} to {numbers.max()}; want 0 and up")
        return Recording(
            values=values,
            time_ns=np.rint(numbers * (1e9 / rate)).astype(np.int64),
            channels=tuple(channels),
            units=tuple("" if channel.endswith("likelihood") else "px" for channel in channels),
            metadata={**said, **(metadata or {})},
        )
    except InputError as error:
        raise FormatError(path, str(error), hint="export it again from the program that wrote it") from error


def zeros_to_nan(values: NDArray[np.float64], channels: Sequence[str]) -> NDArray[np.float64]:
    """Return the values with NaN for coordinates of points that are 0, 0 with likelihood 0: nothing was seen there."""
    points: dict[str, dict[str, int]] = {}
    for column, channel in enumerate(channels):
        point, _, coordinate = channel.rpartition(".")
        points.setdefault(point, {})[coordinate] = column
    cleaned = values.copy()
    for columns in points.values():
        if "likelihood" in columns:
            unseen = (values[:, list(columns.values())] == 0).all(axis=1)
            coordinates = [column for name, column in columns.items() if name != "likelihood"]
            cleaned[np.ix_(unseen, coordinates)] = np.nan
    return cleaned

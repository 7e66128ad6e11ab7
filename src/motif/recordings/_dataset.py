"""The `Dataset`: windows with labels, and where each of them was cut from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dataset"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dataset:
    """Labelled windows that remember their subject and their place in time, so that no split can leak unseen."""

    name: str
    X: NDArray[np.float32]
    """(n, channels, sensors, samples), or (n, frames, features) for landmarks."""
    y: NDArray[np.int64]
    """(n,), index into `class_names`."""
    class_names: tuple[str, ...]
    groups: NDArray[np.str_]
    """(n,), the subject, session or recording block a window comes from."""
    group_kind: str
    """What a group is: `subject`, `session` or `block`."""
    stretch: NDArray[np.int64]
    """(n,), which continuous stretch of recording a window was cut from."""
    start: NDArray[np.int64]
    """(n,), index of the window's first sample within its stretch."""
    rate_hz: float | None
    channels: tuple[str, ...]
    """Names along the channel axis, or of the features of a landmark window."""
    sensors: tuple[str, ...] = ()
    """Names along the sensor axis; empty for landmark windows."""
    notes: tuple[str, ...] = ()
    """What was dropped or assumed while reading, in sentences."""

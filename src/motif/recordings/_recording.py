"""The `Recording`: aligned channels over time, with units and annotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Annotation", "Recording"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A labelled span, or a moment where start and stop are equal; nanoseconds since the epoch."""

    start_ns: int
    stop_ns: int
    label: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recording:
    """One contiguous array of motion and its time base. Frozen: its arrays cannot be written to."""

    values: NDArray[np.float64]
    """(n_samples, n_channels), in `units`; NaN marks a gap."""
    time_ns: NDArray[np.int64]
    """(n_samples,), nanoseconds since the epoch, exactly as the device gave them: may repeat or run backward."""
    channels: tuple[str, ...]
    """Names such as `acc_x`, or `wrist.acc_x` where there are several sensors."""
    units: tuple[str, ...]
    """A unit for each channel: `m/s²`, `rad/s`, `µT`, `px`, or an empty text where there is none."""
    annotations: tuple[Annotation, ...] = ()
    subject: str = ""
    session: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

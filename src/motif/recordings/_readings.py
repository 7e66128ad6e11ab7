"""`Readings`: what one sensor of one device said, one sample or many, before anything is aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import InputError, ShapeError
from motif.recordings._checked import checked_texts, checked_time, checked_values
from motif.recordings._recording import Annotation

__all__ = ["Readings", "unit_of"]

_UNITS = {"acc": "m/s²", "linear_acc": "m/s²", "gravity": "m/s²", "gyr": "rad/s", "mag": "µT"}


def unit_of(channel: str) -> str:
    """Return the unit that a live channel is in, by its name; empty where it has none, as landmarks have."""
    return _UNITS.get(channel.rpartition("_")[0], "")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Readings:
    """Samples of one sensor of one device, in the order they came. Frozen: its arrays cannot be written to.

    Live motion travels as these: a source makes them, an `Aligner` puts those of a device on one grid.

    Raises
    ------
    ShapeError, DtypeError, InputError
        The parts do not fit together, a value is infinite, a time is not an integer.

    Examples
    --------
    >>> Readings(device="phone", channels=("gyr_x", "gyr_y", "gyr_z"), time_ns=[1_000], values=[[0.1, 0.0, -0.2]])
    <Readings of phone: 1 × gyr_x gyr_y gyr_z>
    """

    device: str
    """Whose sensor it is; readings of different devices are never mixed."""
    channels: tuple[str, ...]
    """Named as in `Recording`: `acc_x` is specific force, `linear_acc_x` without gravity, signed as Android does."""
    time_ns: NDArray[np.int64]
    """(n_samples,), nanoseconds since the epoch, as the device gave them: may repeat or run backward."""
    values: NDArray[np.float64]
    """(n_samples, n_channels), m/s², rad/s, µT; NaN marks a gap."""
    quality: float = 1.0
    """0 (useless) … 1 (nothing to complain of), of these samples together."""
    session: str = ""
    """What the device calls its present recording."""
    annotations: tuple[Annotation, ...] = ()
    """Marks the person set on the device meanwhile."""

    def __post_init__(self) -> None:
        parts = {
            "channels": checked_texts("channels", self.channels),
            "time_ns": checked_time(np.atleast_1d(np.asarray(self.time_ns))),
            "values": checked_values(np.atleast_2d(np.asarray(self.values, dtype=np.float64))),
            "annotations": tuple(self.annotations),
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)
        if self.values.shape != (len(self.time_ns), len(self.channels)):
            raise ShapeError("values", got=self.values.shape, want=f"({len(self.time_ns)}, {len(self.channels)})")
        if not 0.0 <= self.quality <= 1.0:
            raise InputError(f"quality is {self.quality}; want 0 (useless) to 1 (good)")

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.time_ns)

    def __repr__(self) -> str:
        return f"<Readings of {self.device}: {self.n_samples} × {' '.join(self.channels)}>"

    @classmethod
    def of(cls, device: str, channels: Sequence[str], time_ns: int, values: ArrayLike) -> Readings:
        """Return a single sample."""
        return cls(device=device, channels=tuple(channels), time_ns=np.array([time_ns]), values=np.array([values]))

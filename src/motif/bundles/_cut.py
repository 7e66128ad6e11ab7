"""Cut a recording into the windows a bundle takes: its channels, its units, its rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from motif.bundles._describe import WindowSpec
from motif.errors import ColumnError, ConfigError, TooFewSamplesError

if TYPE_CHECKING:
    from motif.recordings import Recording

__all__ = ["CutWindows", "cut"]


@dataclass(frozen=True, slots=True, eq=False)
class CutWindows:
    """Windows of a recording and when each of them was."""

    X: NDArray[np.float32]
    """(n, *window), as the bundle takes them."""
    start_ns: NDArray[np.int64]
    """(n,), time of the first sample."""
    stop_ns: NDArray[np.int64]
    """(n,), time of the last sample: when a live recognizer could have answered."""
    n_gaps: int
    """Windows left out because the recording has a gap in them."""
    without_unit: tuple[str, ...] = ()
    """Channels whose unit the recording does not say: they are taken to have the bundle's."""


def cut(recording: Recording, window: WindowSpec, *, hop_s: float | None = None) -> CutWindows:
    """Return all windows of a recording that have no gap longer than a tenth of a window.

    Parameters
    ----------
    recording : Recording
        Any rate; its channels may stand in any order, and be in any unit of the same quantity.
    window : WindowSpec
        What the bundle takes; its channels and rate must be known.
    hop_s : s, optional
        Time between two window starts; a tenth of the window where left out.

    Raises
    ------
    ColumnError
        A channel the bundle needs is not in the recording.
    ConfigError
        The bundle does not say its channels or rate, or `hop_s` is not above 0.
    TooFewSamplesError
        The recording is shorter than one window, or each window has a gap.
    """
    from motif.signals import resample, windows

    if not window.rate_hz or not window.channels:
        raise ConfigError("this bundle does not say its channels and rate; pass it windows instead of a recording")
    length = window.n_samples
    hop_s = length / window.rate_hz / 10 if hop_s is None else hop_s
    if not hop_s > 0:
        raise ConfigError(f"hop_s={hop_s} cannot be; give a time above 0 s")
    columns = _columns(recording, window)
    values = np.column_stack([_converted(recording, column, unit) for column, unit in columns])
    grid = resample(recording.time_ns, values, window.rate_hz, max_gap_s=length / window.rate_hz / 10)
    hop = max(1, round(hop_s * window.rate_hz))
    pieces = windows(grid.values, length, hop)
    whole = np.isfinite(pieces).all(axis=(1, 2))
    if not whole.any():
        raise TooFewSamplesError("every window of this recording has a gap; check the sensor, or use a shorter window")
    starts = np.flatnonzero(whole) * hop
    return CutWindows(
        X=_as_windows(pieces[whole], window),
        start_ns=grid.time_ns[starts],
        stop_ns=grid.time_ns[starts + length - 1],
        n_gaps=int((~whole).sum()),
        without_unit=tuple(recording.channels[i] for i, unit in columns if unit and not recording.units[i]),
    )


def _converted(recording: Recording, column: int, unit: str) -> NDArray[np.float64]:
    from motif.signals import convert

    values, have = recording.values[:, column], recording.units[column]
    return convert(values, have, unit) if unit and have and unit != have else values


def _columns(recording: Recording, window: WindowSpec) -> list[tuple[int, str]]:
    """Return, in the bundle's order, which column of the recording is taken and the unit it should have."""
    units = window.units or ("",) * len(window.channels)
    return [
        (_column(recording, sensor, channel, alone=len(window.sensors) < 2), unit)
        for sensor in window.sensors or ("",)
        for channel, unit in zip(window.channels, units, strict=True)
    ]


def _column(recording: Recording, sensor: str, channel: str, *, alone: bool) -> int:
    names = [f"{sensor}.{channel}", *([channel] if alone else [])]
    for name in names:
        if name in recording.channels:
            return recording.channels.index(name)
    raise ColumnError(names[-1], have=recording.channels)


def _as_windows(pieces: NDArray[np.float64], window: WindowSpec) -> NDArray[np.float32]:
    if len(window.shape) == 2:
        return np.ascontiguousarray(pieces.transpose(0, 2, 1) if window.time_last else pieces, dtype=np.float32)
    channels, sensors, samples = window.shape
    return np.ascontiguousarray(
        pieces.transpose(0, 2, 1).reshape(-1, sensors, channels, samples).transpose(0, 2, 1, 3), dtype=np.float32
    )

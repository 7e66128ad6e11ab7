"""What of a recording looks like a fault of its sensors, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from motif.recordings import Recording

__all__ = ["sensor_notes"]

ENOUGH = 500
"""Samples from which on it is said that there are few different values."""
COARSE = 20
"""Different values of the finest axis below which a movement is hardly told from steps."""
LIVELY = 0.1
"""Share of equal neighbours below which the other axes of a sensor are moving."""


def sensor_notes(recording: Recording) -> list[str]:
    """Return which sensors of three axes, or which of their axes, may be stuck, too coarse or cut off."""
    import numpy as np

    from motif.signals import quality, triads

    notes = []
    for sensor, axes in triads(recording.channels).items():
        values = recording.values[:, axes].astype(np.float64)
        names = [recording.channels[axis] for axis in axes]
        notes += _few_values(sensor, names, values)
        for name, start, stop in _stuck(sensor, names, values, recording.time_ns):
            since_s, until_s = recording.seconds[start], recording.seconds[stop - 1]
            notes.append(
                f"{name} stands at one value for {_lasting(until_s - since_s)} from {_clock(since_s)} after the "
                "beginning: is it stuck?"
            )
        for name, column in zip(names, values.T, strict=True):
            found = quality(column) if column.size else None
            if found and "clipped" in found.reasons:
                notes.append(
                    f"{name} stands at its largest or smallest value for "
                    f"{found.shares['clipped']:.0%} of the time: is its range too small?"
                )
    return notes


def _few_values(sensor: str, names: list[str], values: NDArray[np.float64]) -> list[str]:
    """Say what never changes, and where the finest axis has few different values."""
    import numpy as np

    if len(values) < ENOUGH:
        return []
    counts = [len(np.unique(column[np.isfinite(column)])) for column in values.T]
    if max(counts) == 1:
        return [f"{sensor} never changes: is it stuck, or not connected?"]
    notes = [
        f"{name} never changes while {sensor} does: is it stuck, or not connected?"
        for name, count in zip(names, counts, strict=True)
        if count == 1
    ]
    if 1 < max(counts) < COARSE:
        notes.append(f"{sensor} has {max(counts)} different values at most: are its steps too wide for this motion?")
    return notes


def _stuck(
    sensor: str, names: list[str], values: NDArray[np.float64], time_ns: NDArray[np.int64]
) -> Iterator[tuple[str, int, int]]:
    """Yield where the sensor, or an axis while the others move, stands still; `values` are NaN there afterwards."""
    import numpy as np

    from motif.signals import stuck_stretches

    for start, stop in stuck_stretches(values, time_ns):
        yield sensor, start, stop
        values[start:stop] = np.nan  # what stands there is no limit
    for i, name in enumerate(names):
        for start, stop in stuck_stretches(values[:, [i]], time_ns):
            others = np.delete(values[start:stop], i, axis=1)
            if (np.diff(others, axis=0) == 0).mean() < LIVELY:
                yield name, start, stop
                values[start:stop, i] = np.nan


def _lasting(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"

"""What of a recording looks like a fault of its sensors, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motif.recordings import Recording

__all__ = ["sensor_notes"]


def sensor_notes(recording: Recording) -> list[str]:
    """Return which sensors of three axes may be stuck, and which of their axes stand at an extreme value."""
    import numpy as np

    from motif.signals import quality, stuck_stretches, triads

    notes = []
    for sensor, axes in triads(recording.channels).items():
        values = recording.values[:, axes].astype(np.float64)
        for start, stop in stuck_stretches(values, recording.time_ns):
            since_s, until_s = recording.seconds[start], recording.seconds[stop - 1]
            notes.append(
                f"{sensor} stands at one value for {_lasting(until_s - since_s)} from {_clock(since_s)} after the "
                "beginning: is it stuck?"
            )
            values[start:stop] = np.nan  # what stands there is no limit
        for axis, column in zip(axes, values.T, strict=True):
            found = quality(column) if column.size else None
            if found and "clipped" in found.reasons:
                notes.append(
                    f"{recording.channels[axis]} stands at its largest or smallest value for "
                    f"{found.shares['clipped']:.0%} of the time: is its range too small?"
                )
    return notes


def _lasting(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"

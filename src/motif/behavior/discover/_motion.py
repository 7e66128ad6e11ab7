"""What of a recording is motion, on an even grid: sensors but the magnetic field, key points around their centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motif.behavior._moving import intensities, is_motion
from motif.behavior.discover._heading import headings, turned
from motif.behavior.discover._hidden import filled, without_guesses
from motif.errors import ColumnError, InputError, TooFewSamplesError
from motif.recordings import Recording
from motif.recordings._poses import PoseLayout, pose_layout
from motif.signals import resample

__all__ = ["Motion", "motion_of"]

Array = NDArray[np.float64]

_LONGEST_GAP_S = 0.25
_LONGEST_GAP_SAMPLES = 2.5
"""Of a slow recording: one sample may be lost."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Motion on an even grid."""

    time_ns: NDArray[np.int64]
    """(n,)."""
    values: Array
    """(n, channels), NaN in gaps."""
    channels: tuple[str, ...]
    shown: Array
    """(n, lines), what a person can read: the length of each triad, or the speed of the centre."""
    shown_names: tuple[str, ...]
    position: Array | None
    """(n, 2), the centre of the key points."""
    heading: Array | None = None
    """(n,) rad, which way the body of key points lies."""

    def select(self, channels: Sequence[str]) -> Motion:
        """Return the same of some channels.

        Raises
        ------
        ColumnError
            One of them is not there.
        """
        if tuple(channels) == self.channels:
            return self
        for name in channels:
            if name not in self.channels:
                raise ColumnError(name, have=self.channels)
        columns = [self.channels.index(name) for name in channels]
        return replace(self, values=self.values[:, columns], channels=tuple(channels))


def motion_of(recording: Recording, rate_hz: float, *, own_axes: bool = False) -> Motion:
    """Return the motion of a recording at `rate_hz`.

    Parameters
    ----------
    recording : Recording
    rate_hz : float
    own_axes : bool
        Whether key points are told as a body sees them that heads along x, and how fast it turns beside them.

    Raises
    ------
    InputError
        Nothing of it is motion, or there are key points of several animals.
    TooFewSamplesError
        There is less than a second.
    """
    if recording.n_samples < 2 or recording.duration_s < 1.0:
        raise TooFewSamplesError(f"{recording.duration_s:.3g} s of recording show no behaviour; want a second or more")
    longest_gap_s = max(_LONGEST_GAP_S, _LONGEST_GAP_SAMPLES / recording.rate_hz)
    layout = pose_layout(recording.channels)
    values = recording.values if layout is None else without_guesses(recording.values, layout)
    even = resample(recording.time_ns, values, rate_hz, max_gap_s=longest_gap_s)
    if layout is not None:
        return _of_points(even.time_ns, even.values, layout, rate_hz, own_axes)
    return _of_sensors(even.time_ns, even.values, recording.channels)


def _of_sensors(time_ns: NDArray[np.int64], values: Array, channels: tuple[str, ...]) -> Motion:
    moving = [i for i, name in enumerate(channels) if is_motion(name)]
    if not moving:
        raise InputError(f"{', '.join(channels)} hold no motion; want an accelerometer, a gyroscope or key points")
    names = tuple(channels[i] for i in moving)
    shown_names, shown = intensities(names, values[:, moving])
    return Motion(time_ns, values[:, moving], names, shown, shown_names, None)


def _of_points(time_ns: NDArray[np.int64], values: Array, layout: PoseLayout, rate_hz: float, own_axes: bool) -> Motion:
    """Return key points around their centre, so that where the animal is does not matter, and the centre's speed."""
    if len(layout.individuals) > 1:
        first = layout.individuals[0]
        raise InputError(
            f"there are key points of {', '.join(layout.individuals)}: label one animal at a time, such as with "
            f"recording.select(name for name in recording.channels if name.startswith({first + '.'!r}))"
        )
    position = filled(values[:, layout.position[:, :, 0]])  # (n, space, keypoints)
    if (never := np.isnan(position).any(axis=1).all(axis=0)).any():
        points = ", ".join(np.array(layout.keypoints)[never])
        raise InputError(f"{points} cannot be seen at any time; leave them out, such as with recording.select(...)")
    centre = position.mean(axis=2)
    around = position - centre[:, :, None]
    heading = headings(around)
    speed = np.linalg.norm(np.gradient(centre, axis=0), axis=1) * rate_hz
    names = [f"{point}.{axis}" for axis in layout.space for point in layout.keypoints] + ["speed"]
    columns = [(turned(around, heading) if own_axes else around).reshape(len(values), -1), speed]
    if own_axes:
        names.append("turning")
        columns.append(np.angle(np.exp(1j * np.diff(heading, prepend=heading[:1]))) * rate_hz)
    motion = np.column_stack(columns)
    return Motion(time_ns, motion, tuple(names), speed[:, None], ("speed",), centre[:, :2], heading)

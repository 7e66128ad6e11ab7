"""The `Ethogram`: which state when, how sure, and what the motion was; pure arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, LabelError, ShapeError
from motif.evaluation._segments import label_segments
from motif.recordings import Annotation

__all__ = ["Ethogram", "Segment"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

UNSEEN = -1
"""The state of a frame in which nothing was measured."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one state."""

    state: int
    start: int
    """First frame."""
    stop: int
    """Frame after the last."""
    is_whole: bool
    """Whether both ends were seen: not cut by the recording's ends or a gap."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ethogram:
    """States over time of one recording.

    Raises
    ------
    ShapeError, LabelError, ConfigError
        The parts do not fit together.
    """

    name: str
    """Of the recording."""
    states: Labels
    """(frames,), indices into `names`; -1 where nothing was seen."""
    time_ns: Labels
    """(frames,), when each frame begins."""
    rate_hz: float
    """Frames a second."""
    names: tuple[str, ...]
    """Of the states."""
    probabilities: Array | None = None
    """(frames, states), how probable each state was; NaN where nothing was seen."""
    epistemic: Array | None = None
    """(frames,), nats: by how much several models disagree (`state_uncertainty`)."""
    motion: Array | None = None
    """(samples, channels), what moved, from the first frame on; to show typical stretches."""
    motion_rate_hz: float = 0.0
    motion_channels: tuple[str, ...] = ()
    position: Array | None = None
    """(frames, 2), where the animal was, in any unit."""
    colours: tuple[str, ...] = ()
    """Of the states; by default apart for everyone."""

    def __post_init__(self) -> None:
        n, k = len(self.states), len(self.names)
        if not self.rate_hz > 0:
            raise ConfigError(f"rate_hz is {self.rate_hz}; want frames a second, above 0")
        if n and not UNSEEN <= self.states.min() <= self.states.max() < k:
            raise LabelError(f"states are {self.states.min()} to {self.states.max()}; there are {k} names, -1 for none")
        wanted: tuple[tuple[str, NDArray[np.generic] | None, tuple[int, ...]], ...] = (
            ("time_ns", self.time_ns, (n,)),
            ("probabilities", self.probabilities, (n, k)),
            ("epistemic", self.epistemic, (n,)),
            ("position", self.position, (n, 2)),
        )
        for name, array, shape in wanted:
            if array is not None and array.shape != shape:
                raise ShapeError(name, got=array.shape, want=f"{shape}, as states and names say")
        if self.motion is not None and (self.motion.ndim != 2 or self.motion.shape[1] != len(self.motion_channels)):
            raise ShapeError("motion", got=self.motion.shape, want="(samples, channels), a name for each channel")
        if self.motion is not None and not self.motion_rate_hz > 0:
            raise ConfigError(f"motion_rate_hz is {self.motion_rate_hz}; want samples of motion a second, above 0")

    @property
    def duration_s(self) -> float:
        """Of all frames, those unseen too."""
        return len(self.states) / self.rate_hz

    @property
    def doubt(self) -> Array | None:
        """(frames,), one less the probability of the frame's state; NaN where nothing was seen."""
        if self.probabilities is None:
            return None
        own = self.probabilities[np.arange(len(self.states)), self.states]
        return np.asarray(np.where(self.states == UNSEEN, np.nan, 1.0 - own))

    def segments(self) -> list[Segment]:
        """Return the stretches of one state in order; those unseen are left out."""
        found = []
        for start, stop, state in label_segments(self.states, background=UNSEEN):
            is_inside = start > 0 and stop < len(self.states)
            is_whole = is_inside and UNSEEN not in (self.states[start - 1], self.states[stop])
            found.append(Segment(state, start, stop, is_whole))
        return found

    def annotations(self) -> tuple[Annotation, ...]:
        """Return the segments as annotations of a recording: `dataclasses.replace(recording, annotations=…)`."""
        step_ns = round(1e9 / self.rate_hz)
        return tuple(
            Annotation(int(self.time_ns[s.start]), int(self.time_ns[s.stop - 1]) + step_ns, self.names[s.state])
            for s in self.segments()
        )


def transitions(ethograms: Sequence[Ethogram]) -> Labels:
    """Return (states, states), how often what followed what without a gap, over all ethograms."""
    k = len(ethograms[0].names)
    counts = np.zeros((k, k), np.int64)
    for one in ethograms:
        before, after = one.states[:-1], one.states[1:]
        changed = (before != after) & (before != UNSEEN) & (after != UNSEEN)
        np.add.at(counts, (before[changed], after[changed]), 1)
    return counts

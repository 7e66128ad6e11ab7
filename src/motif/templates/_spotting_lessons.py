"""What a spotter learns from taught samples before any recognizer looks: how strongly and how long gestures move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.templates._spotting_kernels import N_STATE, activity, follow

__all__ = ["Motion", "from_rest", "learn_motion", "seen_until", "trimmed"]

_WIDTH_S = 0.1  # shorter than any turn of a hand, long enough to tell movement from noise
_WIDTH = 0.1  # of the quickest gesture, where that is more: in a tenth of a second a slow one moves no more than noise
_WAKES = 0.5  # of what the weakest gesture usually reaches
_CALMS = 0.5
_LEVEL = 0.4  # of the deviation while moving; what moves and comes back has a mean near zero, gravity has not
_SHORTEST, _LONGEST = 0.6, 1.5  # times the shortest and the longest taught sample


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """How gestures move, in samples and in units of `scale`."""

    scale: NDArray[np.float64]
    """(n_channels,), the deviation of channels within the taught samples, one for the three axes of a sensor;
    infinite where nothing ever changed."""
    is_level: NDArray[np.bool_]
    """(n_channels,), where rest is not zero: a sensor that feels gravity."""
    width: int
    """Samples over which movement is measured."""
    wakes: float
    """What a gesture exceeds."""
    calms: float
    """What rest doesn't exceed."""
    pause: int
    """Samples of rest that end a gesture."""
    shortest: int
    longest: int


def learn_motion(
    samples: Sequence[NDArray[np.float64]], labels: NDArray[Any], rate_hz: float, pause_s: float
) -> Motion:
    """Return how taught samples (n_samples, n_channels) move."""
    width, pause = max(3, round(_WIDTH_S * rate_hz)), max(2, round(pause_s * rate_hz))
    motion, lengths = _learnt(samples, labels, width, pause)
    quickest = min(float(np.median(lengths[labels == label])) for label in np.unique(labels))
    if round(_WIDTH * quickest) > width:
        motion, _ = _learnt(samples, labels, round(_WIDTH * quickest), pause)
    return motion


def _learnt(
    samples: Sequence[NDArray[np.float64]], labels: NDArray[Any], width: int, pause: int
) -> tuple[Motion, NDArray[np.int64]]:
    """Return how samples move, seen through `width` samples, and for how many each one does."""
    scale, is_level = _scale(samples)
    moved = [_activity_of(sample, scale, width) for sample in samples]
    peaks = np.array([m.max() for m in moved])
    wakes = _WAKES * min(float(np.median(peaks[labels == label])) for label in np.unique(labels))
    bare = Motion(scale, is_level, width, wakes, _CALMS * wakes, pause, 0, 2**31)
    lengths = np.array([stop - start for start, stop in (_extent(m, bare) for m in moved)])
    shortest, longest = max(2, int(_SHORTEST * lengths.min())), int(np.ceil(_LONGEST * lengths.max()))
    return replace(bare, shortest=shortest, longest=longest), lengths


def trimmed(sample: NDArray[np.float64], motion: Motion) -> NDArray[np.float64]:
    """Return the part of a taught sample in which it moves, from the first movement to the last, as `from_rest`."""
    start, stop = _extent(_activity_of(sample, motion.scale, motion.width), motion)
    return from_rest(sample, start, stop, motion)


def from_rest(values: NDArray[np.float64], start: int, stop: int, motion: Motion) -> NDArray[np.float64]:
    """Return `values[start:stop]`, less the mean of the rest before it where rest is not zero.

    Without a sample before it, or after a gap, the movement's first sample stands for rest.
    """
    before = values[max(start - motion.width, 0) : start]
    gaps = np.flatnonzero(np.isnan(before).any(axis=1))
    rest = before[gaps[-1] + 1 :] if len(gaps) else before
    level = rest.mean(axis=0) if len(rest) else values[start]
    return np.asarray(values[start:stop] - np.where(motion.is_level, level, 0.0))


def seen_until(stop: int, decided: int, motion: Motion) -> int:
    """Return where a movement stops, of which `activity` was last above rest before `stop`."""
    return stop if decided == stop else stop - (motion.width - 1)  # for so long it sees a movement that has ended


def _scale(samples: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return `scale` and `is_level` of each channel."""
    variance = np.mean([sample.var(axis=0) for sample in samples], axis=0)
    means = np.array([sample.mean(axis=0) for sample in samples])
    n_axes = 3 if len(variance) % 3 == 0 else 1  # alone, an axis about which nobody turns would count for its noise
    variance = variance.reshape(-1, n_axes).mean(axis=1)
    levels = np.median(np.linalg.norm(means.reshape(len(means), -1, n_axes), axis=2), axis=0)
    deviation = np.sqrt(variance)
    scale = np.where(variance > 0, deviation, np.inf)
    return np.repeat(scale, n_axes), np.repeat(levels > _LEVEL * deviation * np.sqrt(n_axes), n_axes)


def _activity_of(sample: NDArray[np.float64], scale: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    before = np.full((width - 1, sample.shape[1]), np.nan)
    return np.asarray(activity(np.vstack([before, sample]), scale, width))


def _extent(moved: NDArray[np.float64], motion: Motion) -> tuple[int, int]:
    """Return where a sample starts and stops to move; all of it where it hardly does."""
    ended = np.append(moved, np.nan)
    found = follow(ended, 0, motion.wakes, motion.calms, motion.pause, len(ended), np.zeros(N_STATE, np.int64))
    if len(found) == 0:
        return 0, len(moved)
    start, stop = int(found[0, 0]), seen_until(int(found[-1, 1]), int(found[-1, 2]), motion)
    return (start, stop) if stop - start > motion.width else (0, len(moved))

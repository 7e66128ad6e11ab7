"""How well a gesture is taught, by its motion: what the recognizer itself would make of each sample, left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from motif.templates._database_training import Figures, judge, outlying
from motif.templates._recognizer_moves import at_rate, moving_part, window_of
from motif.templates._sample import GestureSample
from motif.templates._taught_quality import GestureQuality, TaughtQuality, quality_of

__all__ = ["judged"]

_LENGTH = 64
_MOST_OF_OTHERS = 60
"""Samples of all other gestures together; more make training slow."""
_MOST_OF_ANOTHER = 10
_FEWEST_OF_ANOTHER = 2


def judged(
    name: str, taught: Mapping[str, Sequence[GestureSample]], *, run_cross_validation: bool
) -> tuple[NDArray[np.bool_], Figures]:
    """Return which samples of a gesture are outlying (n,), and how well the rest teach it beside the others.

    By motion where two gestures have it on the same channels, by features otherwise.
    """
    mine = list(taught[name])
    far = outlying(mine)
    if run_cross_validation:
        quality = _by_motion(name, taught, ~far)
        if quality is not None:
            more = _gesture(quality, name).outlying
            if more:
                far[np.flatnonzero(~far)[list(more)]] = True
                quality = _by_motion(name, taught, ~far) or quality
            return far, _figures(quality, name)
    kept = {**taught, name: [sample for sample, is_far in zip(mine, far, strict=True) if not is_far]}
    return far, judge(name, kept, run_cross_validation=run_cross_validation)


def _by_motion(
    name: str, taught: Mapping[str, Sequence[GestureSample]], used: NDArray[np.bool_]
) -> TaughtQuality | None:
    """Return what the recognizer makes of all gestures with motion; None where `name` or all others have none."""
    mine = [sample for sample, is_used in zip(taught[name], used, strict=True) if is_used]
    if len(mine) < 2 or any(sample.values is None for sample in mine):
        return None
    others = {other: [s for s in samples if s.values is not None] for other, samples in taught.items() if other != name}
    each = int(np.clip(_MOST_OF_OTHERS // max(1, len(others)), _FEWEST_OF_ANOTHER, _MOST_OF_ANOTHER))
    raw = [(name, sample) for sample in mine]
    raw += [(other, sample) for other, samples in others.items() for sample in samples[-each:]]
    shared = set.intersection(*(set(sample.channels) for _, sample in raw))
    channels = [channel for channel in mine[0].channels if channel in shared]
    if not channels or len({label for label, _ in raw}) < 2:
        return None
    windows = np.stack([_window(sample, channels, mine[0].rate_hz) for _, sample in raw])
    return quality_of(windows, np.array([label for label, _ in raw]), random_state=0)


def _window(sample: GestureSample, channels: Sequence[str], rate_hz: float) -> NDArray[np.float32]:
    values = np.asarray(sample.values, np.float64)[:, [sample.channels.index(channel) for channel in channels]]
    move = moving_part(at_rate(values, sample.rate_hz, rate_hz), rate_hz)
    return window_of(move, _LENGTH)


def _gesture(quality: TaughtQuality, name: str) -> GestureQuality:
    return next(gesture for gesture in quality.gestures if gesture.label == name)


def _figures(quality: TaughtQuality, name: str) -> Figures:
    mine = _gesture(quality, name)
    confusions = {
        str(other): pair.share
        for pair in quality.confusions
        if name in pair.labels
        for other in pair.labels
        if other != name
    }
    return Figures(mine.consistency, mine.accuracy or 0.0, mine.accuracy is not None, confusions, mine.more_samples)

"""Taught windows as they might as well have been made: a few samples stand for how a person varies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.signals import LandmarkAugmentation, MotionAugmentation

__all__ = ["variations"]

_MOTION = MotionAugmentation(rotation_deg=20.0, scale=0.1, magnitude_warp=0.1, time_warp=0.2, shift=0.08, jitter=0.03)
_HAND = LandmarkAugmentation(
    rotation_deg=10.0, scale=0.05, translation=0.05, time_warp=0.15, shift=0.08, jitter=0.02, frame_dropout=0.0
)
_SPEED = 0.15
"""Spread of the logarithm of how fast a gesture is made."""


def variations(
    windows: NDArray[np.float32], n_each: int, rng: np.random.Generator, *, is_hand: bool
) -> NDArray[np.float32]:
    """Return `n_each` varied copies of every window, (n · n_each, …), the copies of a window side by side."""
    if not n_each:
        return windows[:0]
    copies = np.repeat(windows, n_each, axis=0)
    if is_hand:
        return _HAND.apply(copies.transpose(0, 2, 1), rng).transpose(0, 2, 1)
    four = copies if copies.ndim == 4 else copies[:, :, None]
    return _at_another_speed(_MOTION.apply(four, rng), rng).reshape(copies.shape)


def _at_another_speed(windows: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Read each window faster or slower about its middle; beyond its ends it stands still."""
    n_samples = windows.shape[-1]
    if n_samples < 2:
        return windows
    middle = (n_samples - 1) / 2
    speed = np.exp(_SPEED * rng.standard_normal(len(windows)))[:, None]
    place = np.clip(middle + (np.arange(n_samples) - middle) * speed, 0.0, n_samples - 1.0)
    before = np.minimum(place.astype(np.intp), n_samples - 2)
    part = (place - before).astype(np.float32)[:, None, None]
    first, second = (np.take_along_axis(windows, i[:, None, None], axis=-1) for i in (before, before + 1))
    return np.asarray(first + part * (second - first))

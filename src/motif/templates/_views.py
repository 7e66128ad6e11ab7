"""How a window is looked at: movements of one strength, whatever force they were made with; hands as hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.signals import landmark_features
from motif.templates._view_kernels import moving_span, read_evenly

__all__ = ["View"]

HAND_FEATURES = (63, 84)
LONGEST = 64
"""Samples a window is looked at in; more cost time and tell no more."""
PATH_LONGEST = 32
"""Samples it is warped in."""
_LARGEST = 1e6
"""In usual sizes: squares of more would not fit."""
_WEAK = 0.8
"""Of the usual strength: what is weaker is not blown up to it, or rest would look like a gesture."""
_WEAK_COURSE = 0.3
"""The same for what movement adds up to."""
_REST = 0.02
"""Share of a window's energy before which a movement has not begun, and after which it is over."""
_STILL = 0.07
"""Of the usual size: what moves less than this all the time has no beginning and no end."""
_MARGIN = 0.05
"""Share of the window that is kept before and after the movement."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Raw windows as series to describe, and as paths to warp."""

    is_hand: bool
    scale: NDArray[np.float32]
    """(channels,), the usual size of each channel: of its movement, or of the hand's feature."""

    @classmethod
    def learn(cls, windows: NDArray[np.float32]) -> Self:
        """Find the usual size of each channel in taught windows (n, …, samples)."""
        is_hand = windows.ndim == 3 and windows.shape[1] in HAND_FEATURES
        bare = cls(is_hand, np.ones(1, np.float32))
        rows = np.stack([bare._rows(window) for window in windows]).astype(np.float64)
        spread = rows.std(axis=(0, 2)) + 0.05 if is_hand else np.sqrt(_by_quantity(rows.var(axis=2).mean(axis=0)))
        size = np.maximum(np.abs(rows).max(axis=(0, 2)), 1.0)
        return cls(is_hand, np.where(spread > 1e-9 * size, spread, size).astype(np.float32))

    def of(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return (channels, samples) to describe and (samples, channels) to warp, of one raw window."""
        rows = self._rows(window)
        if self.is_hand:
            return rows, np.ascontiguousarray((rows / self.scale[:, None]).T)
        with np.errstate(over="ignore"):  # infinity is clipped like all that is too large
            rows = moving(np.clip(rows / self.scale[:, None], -_LARGEST, _LARGEST))
        centred = rows - rows.mean(axis=1, keepdims=True)
        factor = _to_one_strength(centred, _WEAK)
        path = np.concatenate([centred * factor, _course(centred * factor)])
        return _with_sizes(rows * factor), np.ascontiguousarray(shortened(path, PATH_LONGEST).T)

    def _rows(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (channels, samples): the channels of a sensor side by side, or what a hand does."""
        if self.is_hand:
            return np.ascontiguousarray(landmark_features(window.T[None])[0].T)
        flat = window if window.ndim == 2 else window.transpose(1, 0, 2).reshape(-1, window.shape[2])
        return np.ascontiguousarray(flat)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"is_hand": np.asarray(self.is_hand), "scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        return cls(bool(arrays["is_hand"]), arrays["scale"].astype(np.float32))


def moving(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the part of rows (channels, samples) in which there is movement, over as many samples, at most `LONGEST`.

    Whoever presses a button rests before and after, now longer and now shorter.
    """
    n_samples = rows.shape[1]
    first, last = moving_span(rows, _REST, _STILL)
    margin = _MARGIN * n_samples
    return read_evenly(rows, max(first - margin, 0.0), min(last + margin, n_samples - 1.0), min(n_samples, LONGEST))


def shortened(rows: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """Return rows (channels, samples) read at `longest` even moments where they have more."""
    n_samples = rows.shape[1]
    return rows if n_samples <= longest else read_evenly(rows, 0.0, n_samples - 1.0, longest)


def _to_one_strength(centred: NDArray[np.float32], weak: float) -> NDArray[np.float32]:
    """Return (channels, 1) by what to multiply rows about their mean, so that quantities are of one strength."""
    strength = _by_quantity((centred * centred).mean(axis=1), together=True)
    return (1.0 / np.sqrt(strength + weak**2)).astype(np.float32)[:, None]


def _course(centred: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what movement adds up to (of turning: where it points), about its mean and of one strength."""
    sums = np.cumsum(centred, axis=1) * np.float32(8.0 / centred.shape[1])
    sums = sums - sums.mean(axis=1, keepdims=True)
    return np.asarray(sums * _to_one_strength(sums, _WEAK_COURSE))


def _by_quantity(squares: NDArray[Any], *, together: bool = False) -> NDArray[Any]:
    """Return for each channel the mean (or the sum) over its quantity; three channels are one where they divide."""
    if len(squares) % 3:
        return squares
    shared = squares.reshape(-1, 3).sum(axis=1)
    return np.repeat(shared if together else shared / 3.0, 3)


def _with_sizes(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add the length of each triad: what does not depend on how the device is held."""
    if len(rows) % 3:
        return np.ascontiguousarray(rows)
    triads = rows.reshape(-1, 3, rows.shape[1])
    return np.concatenate([rows, np.sqrt((triads * triads).sum(axis=1))])

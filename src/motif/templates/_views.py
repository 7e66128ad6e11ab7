"""How a window is looked at: movements of one strength, whatever force they were made with; hands as hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.signals import landmark_features

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
        rows = np.clip(rows / self.scale[:, None], -_LARGEST, _LARGEST)
        centred = rows - rows.mean(axis=1, keepdims=True)
        strength = _by_quantity((centred * centred).mean(axis=1), together=True)
        factor = (1.0 / np.sqrt(strength + _WEAK**2)).astype(np.float32)[:, None]
        path = np.ascontiguousarray(shortened(centred * factor, PATH_LONGEST).T)
        return _with_sizes(rows * factor), path

    def _rows(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (channels, samples): the channels of a sensor side by side, or what a hand does."""
        if self.is_hand:
            return np.ascontiguousarray(landmark_features(window.T[None])[0].T)
        flat = window if window.ndim == 2 else window.transpose(1, 0, 2).reshape(-1, window.shape[2])
        return shortened(flat, LONGEST)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"is_hand": np.asarray(self.is_hand), "scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        return cls(bool(arrays["is_hand"]), arrays["scale"].astype(np.float32))


def shortened(rows: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """Return rows (channels, samples) read at `longest` even moments where they have more."""
    n_samples = rows.shape[1]
    if n_samples <= longest:
        return rows
    place = np.linspace(0.0, n_samples - 1.0, longest)
    before = np.minimum(place.astype(np.intp), n_samples - 2)
    part = (place - before).astype(np.float32)
    first = rows[:, before]
    return np.asarray(first + part * (rows[:, before + 1] - first))


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

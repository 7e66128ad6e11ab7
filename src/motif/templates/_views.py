"""How a window is looked at: movements of one strength, whatever force they were made with; hands as hands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.signals import landmark_feature_names, landmark_features
from motif.templates._view_kernels import looks

__all__ = ["View"]

HAND_FEATURES = (63, 84)
LONGEST = 64
"""Samples a window is looked at in; more cost time and tell no more."""
PATH_LONGEST = 32
"""Samples it is warped in."""
_STILL_HAND = 1e-3
"""In usual sizes: what moves less does not move."""
_WAYS_TO_MOVE = tuple(
    np.array([i for i, name in enumerate(landmark_feature_names()) if re.fullmatch(way, name)])
    for way in (r"wrist\.path_.", r"\d+\.[xyz]", r".*\.bend", r".*\.distance")
)
"""Features of a hand: where it goes, its points about the wrist, the joints, what opens and closes."""


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
        rows = bare._rows(windows).astype(np.float64)
        spread = rows.std(axis=(0, 2)) + 0.05 if is_hand else np.sqrt(_by_quantity(rows.var(axis=2).mean(axis=0)))
        size = np.maximum(np.abs(rows).max(axis=(0, 2)), 1.0)
        return cls(is_hand, np.where(spread > 1e-9 * size, spread, size).astype(np.float32))

    def of(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return (n, channels, samples) to describe and (n, samples, channels) to warp, of raw windows (n, …)."""
        rows = self._rows(windows)
        if self.is_hand:
            return rows, np.ascontiguousarray((rows / self.scale[:, None]).transpose(0, 2, 1))
        n_read = min(rows.shape[2], LONGEST)
        return looks(rows, self.scale, n_read, min(n_read, PATH_LONGEST))

    def vigour(self, paths: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (n, 4) logarithms of how much moves on paths, in each way a hand moves.

        (n, 0) for motion, whose strength is taken out of its paths.
        """
        if not self.is_hand:
            return np.empty((len(paths), 0))
        moves = paths.var(axis=1, dtype=np.float64)
        each = [np.sqrt(moves.take(way, axis=1).mean(axis=1)) for way in _WAYS_TO_MOVE]
        return np.log(np.stack(each, axis=1) + _STILL_HAND)

    def _rows(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, channels, samples): the channels of a sensor side by side, or what a hand does."""
        if self.is_hand:
            return np.ascontiguousarray(landmark_features(windows.transpose(0, 2, 1)).transpose(0, 2, 1))
        if windows.ndim == 4:
            windows = windows.transpose(0, 2, 1, 3).reshape(len(windows), -1, windows.shape[3])
        return np.ascontiguousarray(windows)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"is_hand": np.asarray(self.is_hand), "scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        return cls(bool(arrays["is_hand"]), arrays["scale"].astype(np.float32))


def _by_quantity(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each channel the mean over its quantity; three channels are one where they divide."""
    if len(squares) % 3:
        return squares
    return np.repeat(squares.reshape(-1, 3).mean(axis=1), 3)

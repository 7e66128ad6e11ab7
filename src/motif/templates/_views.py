"""How a window is looked at before movements are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.signals import normalize_landmarks

__all__ = ["View"]

HAND_FEATURES = (63, 84)
LONGEST = 64
"""Samples a movement is compared in; more cost time and tell no more."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Raw windows (channels, samples) or (channels, sensors, samples) as series (samples, channels) to compare."""

    is_hand: bool
    scale: NDArray[np.float32]
    """(channels,), by which each channel is divided."""

    @classmethod
    def learn(cls, windows: NDArray[np.float32]) -> Self:
        """Find the scale of each quantity in taught windows (n, …, samples)."""
        flat = windows.reshape(len(windows), -1, windows.shape[-1])
        is_hand = windows.ndim == 3 and flat.shape[1] in HAND_FEATURES
        bare = cls(is_hand, np.ones(flat.shape[1], np.float32))
        series = np.stack([bare.of(window) for window in windows])
        spread = np.sqrt(((series - series.mean(axis=1, keepdims=True)) ** 2).mean(axis=(0, 1)))
        if len(spread) % 3 == 0 and not is_hand:
            spread = np.repeat(np.sqrt((spread.reshape(-1, 3) ** 2).mean(axis=1)), 3)
        if is_hand:
            spread = np.ones_like(spread)
        return cls(is_hand, np.where(spread > 1e-6, spread, 1.0).astype(np.float32))

    def of(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (samples, channels) of one raw window."""
        flat = window.reshape(-1, window.shape[-1])
        if self.is_hand:
            flat = normalize_landmarks(flat.T[None])[0].T
        n_samples = min(flat.shape[1], LONGEST)
        if n_samples < flat.shape[1]:
            place = np.linspace(0, flat.shape[1] - 1, n_samples)
            before = np.minimum(place.astype(np.intp), flat.shape[1] - 2)
            part = (place - before).astype(np.float32)
            flat = flat[:, before] + part * (flat[:, before + 1] - flat[:, before])
        return np.ascontiguousarray((flat / self.scale[:, None]).T, np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"is_hand": np.asarray(self.is_hand), "scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        return cls(bool(arrays["is_hand"]), arrays["scale"].astype(np.float32))

"""A movement in a few plain numbers, and how far it lies from what each gesture's samples say they should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Descriptions", "describe", "described", "normalized"]

_LEAST_DEVIATION = 0.1  # a tenth more or less is no difference between two gestures of a person
_TINY = 1e-9


def normalized(segment: NDArray[np.float64], scale: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return a segment (n_samples, n_channels) at a root mean square of 1, and the one it had in units of `scale`."""
    shape = segment / scale
    strength = float(np.sqrt((shape**2).mean()))
    return shape / (strength + _TINY), strength


def describe(segment: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (2 + 3 × n_channels,): logarithms of duration and strength, then of each channel of the movement at
    strength 1 its mean, its slope over time and its share.
    """
    shape, strength = normalized(segment, scale)
    moments = np.linspace(-1.0, 1.0, len(shape))[:, None]
    parts = (shape.mean(axis=0), (shape * moments).mean(axis=0), np.sqrt((shape**2).mean(axis=0)))
    return np.concatenate([[np.log(len(shape)), np.log(strength + _TINY)], *parts])


@dataclass(frozen=True, slots=True, eq=False)
class Descriptions:
    """What is usual for each class."""

    middle: NDArray[np.float64]
    """(n_classes, n_numbers), median over the samples of a class; NaN for a class without samples."""
    deviation: NDArray[np.float64]
    """(n_numbers,), within the classes."""

    @classmethod
    def learn(cls, numbers: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int) -> Self:
        """Learn from descriptions (n, n_numbers) and the class index of each."""
        members = [numbers[labels == c] for c in range(n_classes)]
        middle = [np.median(rows, axis=0) if len(rows) else np.full(numbers.shape[1], np.nan) for rows in members]
        variance = np.mean([rows.var(axis=0, ddof=1) for rows in members if len(rows) > 1] or [0.0], axis=0)
        deviation = np.maximum(np.sqrt(variance), _LEAST_DEVIATION) * np.ones(numbers.shape[1])
        return cls(np.array(middle), deviation)

    def strangeness(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, n_classes), the mean distance of descriptions from the middle of each class, in deviations."""
        return np.asarray((np.abs(numbers[:, None] - self.middle) / self.deviation).mean(axis=2))


def described(segments: Sequence[NDArray[np.float64]], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n_segments, n_numbers)."""
    return np.array([describe(segment, scale) for segment in segments])

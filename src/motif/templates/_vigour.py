"""How much moves, in each way: of a hand it belongs to the gesture, of a phone it changes with the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Vigour"]

_USUAL_DEVIATION = 0.3
_PRIOR_SAMPLES = 4.0
_FARTHEST = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Vigour:
    """What is usual for each class, of numbers that vary within all classes alike."""

    middle: NDArray[np.float64]
    """(n_numbers, n_classes)."""
    deviation: NDArray[np.float64]
    """(n_numbers,)."""

    @classmethod
    def learn(cls, values: NDArray[np.float64], labels: NDArray[np.int64]) -> Self:
        """Learn from values (n, n_numbers) of classes (n,); with few, a deviation is drawn to what is usual."""
        counts = np.bincount(labels)
        middle = np.stack([values[labels == c].mean(axis=0) for c in range(len(counts))], axis=1)
        squares = ((values - middle.T[labels]) ** 2).sum(axis=0) + _PRIOR_SAMPLES * _USUAL_DEVIATION**2
        return cls(middle, np.sqrt(squares / (len(values) - len(counts) + _PRIOR_SAMPLES)))

    def deviations(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, n_classes) how far values (n, n_numbers) are from what is usual, in deviations; each at most 5."""
        if not self.deviation.size:
            return np.zeros((len(values), self.middle.shape[1]))
        away = np.abs(values[:, :, None] - self.middle) / self.deviation[:, None]
        return np.asarray(np.minimum(away, _FARTHEST).mean(axis=1))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"vigour_middle": self.middle, "vigour_deviation": self.deviation}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        return cls(arrays["vigour_middle"].astype(np.float64), arrays["vigour_deviation"].astype(np.float64))

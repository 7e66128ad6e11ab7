"""How much moves in all: of a hand it belongs to the gesture, of a phone it changes with the day."""

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
    """What is usual for each class, of a number that varies within all classes alike."""

    middle: NDArray[np.float64]
    """(n_classes,)."""
    deviation: float

    @classmethod
    def learn(cls, values: NDArray[np.float64], labels: NDArray[np.int64]) -> Self:
        """Learn from values (n,) of classes (n,); with few, the deviation is drawn to what is usual."""
        counts = np.bincount(labels)
        middle = np.bincount(labels, values) / counts
        squares = ((values - middle[labels]) ** 2).sum() + _PRIOR_SAMPLES * _USUAL_DEVIATION**2
        return cls(middle, float(np.sqrt(squares / (len(values) - len(counts) + _PRIOR_SAMPLES))))

    def deviations(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, n_classes) how far values (n,) are from what is usual, in deviations, at most 5."""
        return np.asarray(np.minimum(np.abs(values[:, None] - self.middle) / self.deviation, _FARTHEST))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"vigour_middle": self.middle, "vigour_deviation": np.asarray(self.deviation)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        return cls(arrays["vigour_middle"].astype(np.float64), float(arrays["vigour_deviation"]))

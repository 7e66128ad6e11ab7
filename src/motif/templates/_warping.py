"""How far a movement is from the taught ones when time may run a little faster or slower."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from motif.signals import nearest_elastic
from motif.signals._elastic_kernels import envelopes, nearest_costs

__all__ = ["Warping"]

_BAND = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Warping:
    """Templates ready to be compared with: their envelopes are found once."""

    paths: NDArray[np.float32]
    """(m, samples, channels)."""
    labels: NDArray[np.int64]
    """(m,), 0…n_labels - 1."""
    n_labels: int
    reach: int = field(init=False)
    low: NDArray[np.float32] = field(init=False)
    high: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        """Find the envelopes."""
        reach = int(np.ceil(_BAND * self.paths.shape[1]))
        low, high = envelopes(self.paths, reach)
        for name, value in (("reach", reach), ("low", low), ("high", high)):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, paths: NDArray[np.float32], labels: NDArray[np.int64]) -> Self:
        """Take templates (m, samples, channels) of classes (m,), each with at least one."""
        if paths.ndim != 3 or labels.shape != paths.shape[:1] or np.bincount(labels).min(initial=1) < 1:
            raise ValueError(f"paths {paths.shape} with labels {np.unique(labels).tolist()} are no templates")
        return cls(np.ascontiguousarray(paths), labels, int(labels.max()) + 1)

    def distances(self, path: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (n_labels,) elastic distances from (samples, channels) to the nearest template of each label."""
        asked = path[None]
        costs = nearest_costs(asked, self.paths, self.low, self.high, self.labels, self.n_labels, self.reach, 0.0)[0]
        return np.asarray(np.sqrt(costs[0]))

    def between(self) -> NDArray[np.float64]:
        """Return (m, m) distances of the templates from one another."""
        return nearest_elastic(self.paths, self.paths, np.arange(len(self.paths)), band=_BAND)[0]

"""How far a movement is from the taught ones when time may run a little faster or slower."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from motif.templates._verdict_kernels import nearest
from motif.templates._warping_kernels import side_by_side, warped_costs

__all__ = ["Warping"]

_BAND = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Warping:
    """Templates ready to be compared with."""

    paths: NDArray[np.float32]
    """(m, samples, channels)."""
    labels: NDArray[np.int64]
    """(m,), 0…n_labels - 1."""
    n_labels: int
    reach: int = field(init=False)
    table: NDArray[np.float32] = field(init=False)
    """(samples, channels, …), the templates side by side."""

    def __post_init__(self) -> None:
        """Lay the templates side by side."""
        object.__setattr__(self, "reach", int(np.ceil(_BAND * self.paths.shape[1])))
        object.__setattr__(self, "table", side_by_side(self.paths))

    @classmethod
    def of(cls, paths: NDArray[np.float32], labels: NDArray[np.int64]) -> Self:
        """Take templates (m, samples, channels) of classes (m,), each with at least one."""
        if paths.ndim != 3 or labels.shape != paths.shape[:1] or np.bincount(labels).min(initial=1) < 1:
            raise ValueError(f"paths {paths.shape} with labels {np.unique(labels).tolist()} are no templates")
        return cls(np.ascontiguousarray(paths), labels, int(labels.max()) + 1)

    def distances(self, paths: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (n, m) elastic distances from (n, samples, channels) to the templates."""
        return np.sqrt(warped_costs(paths, self.table, self.reach)[:, : len(self.labels)].astype(np.float64))

    def nearest(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, n_labels) of (n, m): the distance to the nearest template of each class."""
        return nearest(distances, self.labels, self.n_labels)

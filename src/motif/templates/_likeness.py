"""How like the taught samples a description is, where the ways in which a gesture always varies count for little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.templates._product_kernels import in_columns, products, squared_distances

__all__ = ["Likeness"]

_N_DIRECTIONS = 64
_SHRINKAGE = 0.1
_FLOOR = 0.01
_ARRAYS = ("centre", "scale", "directions", "kept", "templates")


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """Distances to taught descriptions, whitened along the directions in which copies of one gesture differ most."""

    centre: NDArray[np.float32]
    scale: NDArray[np.float32]
    directions: NDArray[np.float32]
    """(n_features, n_directions), orthonormal."""
    kept: NDArray[np.float32]
    """(n_directions,), how much of each is kept, 0…1."""
    templates: NDArray[np.float32]
    """(m, n_features), whitened."""
    table: NDArray[np.float32] = field(init=False)
    """(n_features, …): the directions, and the templates whitened once more, side by side."""
    squares: NDArray[np.float64] = field(init=False)
    """(m,), squared lengths of the templates."""
    lost: NDArray[np.float64] = field(init=False)
    """(n_directions,), the share of a squared length along each that whitening takes."""

    def __post_init__(self) -> None:
        """Prepare what is the same for every description: whitening is symmetric, so the templates can take it."""
        again = self._whitened(self.templates)
        squares = np.einsum("ij,ij->i", *[self.templates.astype(np.float64)] * 2)
        object.__setattr__(self, "table", in_columns(self.directions, again.T))
        object.__setattr__(self, "squares", squares)
        object.__setattr__(self, "lost", 1.0 - self.kept.astype(np.float64) ** 2)

    @classmethod
    def learn(cls, features: NDArray[np.float32], labels: NDArray[np.int64], templates: NDArray[np.float32]) -> Self:
        """Find the directions from described samples and copies (n, n_features) of classes (n,)."""
        from scipy.linalg import eigh

        centre, scale = features.mean(axis=0), features.std(axis=0) + np.float32(_FLOOR)
        wide = ((features - centre) / scale).astype(np.float64)
        within = wide - np.stack([wide[labels == c].mean(axis=0) for c in range(labels.max() + 1)])[labels]
        n = len(within)
        first = max(0, n - _N_DIRECTIONS)
        power, inner = eigh(within @ within.T / n, subset_by_index=(first, n - 1))
        tells = power > 1e-9 * max(power[-1], 1e-30)
        power, inner = power[tells], inner[:, tells]
        directions = within.T @ inner / np.sqrt(n * power)
        floor = _SHRINKAGE * (within * within).sum() / n / n
        kept = np.sqrt(floor / (power + floor))
        none = np.empty((0, len(centre)), np.float32)
        bare = cls(centre, scale, directions.astype(np.float32), kept.astype(np.float32), none)
        whitened = bare._whitened((templates - centre) / scale)
        return cls(bare.centre, bare.scale, bare.directions, bare.kept, whitened)

    def _whitened(self, wide: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(wide - ((1 - self.kept) * (wide @ self.directions)) @ self.directions.T, np.float32)

    def distances(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (n, m) distances from descriptions (n, n_features) to the templates."""
        wide = (features - self.centre) / self.scale
        return np.asarray(np.sqrt(squared_distances(wide, products(wide, self.table), self.lost, self.squares)))

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {f"{prefix}_{name}": getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """Read what `to_arrays` gave."""
        return cls(*(np.ascontiguousarray(arrays[f"{prefix}_{name}"], np.float32) for name in _ARRAYS))

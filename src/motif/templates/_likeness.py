"""How like the taught samples a description is, where the ways in which a gesture always varies count for little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Likeness"]

_N_DIRECTIONS = 64
_SHRINKAGE = 0.1
_FLOOR = 0.01


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
    squares: NDArray[np.float64] = field(init=False)
    """(m,), squared lengths of the templates."""

    def __post_init__(self) -> None:
        """Find the lengths once."""
        object.__setattr__(self, "squares", np.einsum("ij,ij->i", *[self.templates.astype(np.float64)] * 2))

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
        power, inner = power[power > 1e-9 * max(power[-1], 1e-30)], inner[:, power > 1e-9 * max(power[-1], 1e-30)]
        directions = within.T @ inner / np.sqrt(n * power)
        floor = _SHRINKAGE * (within * within).sum() / n / n
        kept = np.sqrt(floor / (power + floor))
        bare = cls(centre, scale, directions.astype(np.float32), kept.astype(np.float32), np.empty((0, 0), np.float32))
        whitened = np.stack([bare._whitened(template) for template in templates])
        return cls(bare.centre, bare.scale, bare.directions, bare.kept, whitened)

    def _whitened(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        wide = (features - self.centre) / self.scale
        return np.asarray(wide - self.directions @ ((1 - self.kept) * (wide @ self.directions)), np.float32)

    def distances(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (m,) distances to the templates of one description."""
        asked = self._whitened(features)
        squares = self.squares - 2.0 * (self.templates @ asked) + asked @ asked
        return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float64)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        names = ("centre", "scale", "directions", "kept", "templates")
        return {f"likeness_{name}": getattr(self, name) for name in names}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        names = ("centre", "scale", "directions", "kept", "templates")
        return cls(*(np.ascontiguousarray(arrays[f"likeness_{name}"], np.float32) for name in names))

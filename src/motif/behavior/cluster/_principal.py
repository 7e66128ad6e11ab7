"""Few axes that hold most of the variance, for what needs covariances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["PrincipalAxes"]

SHARE = 0.95
"""Of the variance that the axes hold, where `at_most` of them can."""


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """An orthonormal projection."""

    axes: NDArray[np.float64]
    """(d, kept)"""

    @classmethod
    def of(cls, features: NDArray[np.float64], at_most: int) -> Self:
        """Find them for standardized features (n, d)."""
        variances, axes = np.linalg.eigh(features.T @ features / len(features))
        variances, axes = variances[::-1].clip(0), axes[:, ::-1]
        share = np.cumsum(variances) / max(variances.sum(), 1e-300)
        kept = min(int(np.searchsorted(share, SHARE)) + 1, at_most, len(axes))
        largest = np.abs(axes).argmax(axis=0)
        return cls(axes[:, :kept] * np.sign(axes[largest, range(len(axes))])[:kept])

    def project(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, d) → (n, kept)."""
        return features @ self.axes

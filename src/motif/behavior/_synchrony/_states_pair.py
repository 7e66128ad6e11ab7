"""Two streams of states that kernels may walk through: of one shape, and nothing but numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import require_finite
from motif.errors import ShapeError

__all__ = ["states_pair"]

Array = NDArray[np.float64]


def states_pair(a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    """Return both as (n, dimensions) float64.

    Raises
    ------
    ShapeError, NotFiniteError
    """
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if first.ndim != 2 or 0 in first.shape:
        raise ShapeError("a", got=first.shape, want="(n, dimensions)")
    if second.shape != first.shape:
        raise ShapeError("b", got=second.shape, want=f"{first.shape}, as a")
    require_finite("a", first)
    require_finite("b", second)
    return first, second

"""Which way a body of key points heads, and its points as it stands itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["headings", "heads_everywhere", "turned"]

Array = NDArray[np.float64]

_ROUNDS = 5
_EVERYWHERE = 0.5
"""Mean resultant length of headings below which they say where a body was, and not what it did."""


def headings(around: Array) -> Array:
    """Return which way the body lies at each moment, (n,) rad, of points around their centre (n, space, keypoints).

    The body's usual shape is turned onto each moment's as nearly as it goes; it heads along its longest line, towards
    the point that is listed first. Only x and y turn. NaN where a point is missing.

    References
    ----------
    Gower (1975), "Generalized Procrustes analysis", without reflections and sizes.
    """
    points = around[:, 0] + 1j * around[:, 1]
    whole = points[np.isfinite(points).all(axis=1)]
    if not len(whole):
        return np.full(len(points), np.nan)
    shape = whole[0]
    for _ in range(_ROUNDS):
        shape = (whole * np.exp(-1j * np.angle(whole @ shape.conj()))[:, None]).mean(axis=0)
    lines = shape[:, None] - shape
    first, last = np.unravel_index(np.abs(np.triu(lines)).argmax(), lines.shape)
    found: Array = np.angle(points @ shape.conj() * np.exp(1j * np.angle(lines[first, last])))
    return found


def heads_everywhere(found: Sequence[Array]) -> bool:
    """Return whether bodies head all round, as seen from above, and not mostly one way, as people before a camera."""
    together = np.concatenate([each[np.isfinite(each)] for each in found] or [np.zeros(0)])
    return bool(len(together) and np.abs(np.exp(1j * together).mean()) < _EVERYWHERE)


def turned(around: Array, heading: Array) -> Array:
    """Return points (n, space, keypoints) as they are for a body that heads along x."""
    flat = (around[:, 0] + 1j * around[:, 1]) * np.exp(-1j * heading)[:, None]
    return np.concatenate([flat.real[:, None], flat.imag[:, None], around[:, 2:]], axis=1)

"""Hand landmarks in the three layouts data sets use, and whether there was a hand at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_numbers, require_finite
from motif.errors import ConfigError, ShapeError
from motif.signals._hand_skeleton import HAND_LANDMARKS

__all__ = ["N_LANDMARKS", "Hands", "Layout", "hands_from", "hold", "windows_from"]

N_LANDMARKS = len(HAND_LANDMARKS)

Layout = Literal["21x4", "21x3", "2x21x2"]
"""How a frame lists its landmarks: (x, y, z, 0) of one hand, (x, y, z) of one hand, or (x, y) of two hands."""

_SHAPES = {"21x4": (1, N_LANDMARKS, 4), "21x3": (1, N_LANDMARKS, 3), "2x21x2": (2, N_LANDMARKS, 2)}


@dataclass(frozen=True, slots=True, eq=False)
class Hands:
    """Landmarks by hand and axis."""

    points: NDArray[np.float64]
    """(n, frames, hands, 21, 2 or 3); zero where there was no hand."""
    present: NDArray[np.bool_]
    """(n, frames, hands): whether a hand was seen."""


def hands_from(landmarks: ArrayLike, layout: Layout | None) -> Hands:
    """Take landmark windows apart; where no layout is given, 63 features are `21x3` and 84 are `21x4`.

    A hand is missing where its 21 points coincide (all zeros, as trackers write it) or are all NaN.

    Raises
    ------
    DtypeError, ShapeError, ConfigError
    NotFiniteError
        A hand is NaN or infinite in part.
    """
    array = as_numbers(landmarks, "landmarks")
    chosen = layout or ("21x3" if array.shape[-1:] == (63,) else "21x4")
    if chosen not in _SHAPES:
        raise ConfigError(f"layout is {chosen!r}; want one of {', '.join(_SHAPES)}")
    hands, n_landmarks, stored = _SHAPES[chosen]
    if array.ndim != 3 or array.shape[2] != hands * n_landmarks * stored or array.shape[1] == 0:
        raise ShapeError("landmarks", got=array.shape, want=f"(n, frames, {hands * n_landmarks * stored}) for {chosen}")
    points = array.astype(np.float64).reshape(*array.shape[:2], hands, n_landmarks, stored)[..., :3]
    unseen = np.isnan(points).all(axis=(-2, -1)) | (points == points[..., :1, :]).all(axis=(-2, -1))
    points[unseen] = 0.0
    require_finite("landmarks", points)
    return Hands(points, ~unseen)


def windows_from(points: NDArray[np.float64], n_features: int) -> NDArray[np.float32]:
    """Put landmarks (n, frames, hands, 21, axes) back into windows (n, frames, n_features); a fourth value is 0."""
    stored = n_features // (points.shape[2] * N_LANDMARKS)
    whole = np.zeros((*points.shape[:4], stored), dtype=np.float32)
    whole[..., : points.shape[4]] = points
    return whole.reshape(*points.shape[:2], n_features)


def hold(hands: Hands) -> NDArray[np.float64]:
    """Return the points with each missing hand where it was last seen, or will first be seen; zero if it never is."""
    frames = np.arange(hands.present.shape[1])[None, :, None]
    last = np.maximum.accumulate(np.where(hands.present, frames, -1), axis=1)
    first = np.where(hands.present.any(axis=1), hands.present.argmax(axis=1), 0)
    source = np.where(last >= 0, last, first[:, None])
    return np.take_along_axis(hands.points, source[..., None, None], axis=1)

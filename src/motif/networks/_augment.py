"""Windows of hands as another camera, another moment or another tracker might have shown them, while training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from motif.networks._landmark_frontend import N_LANDMARKS, hand_layout
from motif.signals import LandmarkAugmentation

__all__ = ["Augment", "augmentation", "has_views", "other_view"]

Augment = Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]]
"""Windows (n, …) and a source of randomness in, windows of the same shape out."""

PART = 0.5
"""Of the windows are varied; the others stay as they were recorded."""
VIEW_DEG = 25.0
"""Spread of the angle by which the camera is moved around the hand."""
ONE_HAND = LandmarkAugmentation(
    rotation_deg=0.0, scale=0.0, translation=0.0, time_warp=0.1, shift=0.1, jitter=0.02, frame_dropout=0.0
)
"""Where and how large a hand is does not reach the network, so these are left alone."""


def augmentation(window_shape: tuple[int, ...], aspect: float = 1.0) -> Augment | None:
    """Return how windows of this shape are varied: those of one hand are, for a camera of this aspect; others not."""
    if not has_views(window_shape):
        return None

    def vary(windows: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
        chosen = generator.random(len(windows)) < PART
        varied = windows.copy()
        varied[chosen] = other_view(ONE_HAND.apply(windows[chosen], generator), generator, aspect)
        return varied

    return vary


def has_views(window_shape: tuple[int, ...]) -> bool:
    """Return whether windows of this shape can be seen from elsewhere: they show one hand, with depth."""
    return len(window_shape) == 2 and hand_layout(window_shape[-1]) in ((1, 3), (1, 4))


def other_view(
    windows: NDArray[np.float32], generator: np.random.Generator, aspect: float = 1.0
) -> NDArray[np.float32]:
    """Turn each window about a random axis in space, each hand about its wrist; a missing hand stays all zeros.

    Parameters
    ----------
    windows : (n, frames, 21 · values)
        One hand, with z on the scale of x, as MediaPipe gives it.
    aspect
        Width over height of the camera's image, where y is a share of its height.
    """
    from scipy.spatial.transform import Rotation

    n, frames, features = windows.shape
    turned = windows.reshape(n, frames, N_LANDMARKS, features // N_LANDMARKS).copy()
    points = turned[..., :3] * np.array([1.0, 1 / aspect, 1.0], np.float32)
    wrist = points[:, :, :1].copy()
    turns = Rotation.from_rotvec(np.deg2rad(VIEW_DEG) * _random_axes(n, generator)).as_matrix().astype(np.float32)
    seen = np.abs(points).max(axis=(2, 3), keepdims=True) > 0
    seen_turned = (points - wrist) @ turns.transpose(0, 2, 1)[:, None] + wrist
    turned[..., :3] = np.where(seen, seen_turned * np.array([1.0, aspect, 1.0], np.float32), 0.0)
    return turned.reshape(n, frames, features)


def _random_axes(n: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Vectors (n, 3) in all directions alike, of normally distributed length."""
    axes: NDArray[np.float64] = generator.standard_normal((n, 3))
    axes *= generator.standard_normal((n, 1)) / np.linalg.norm(axes, axis=1, keepdims=True)
    return axes

"""What a hand does, apart from where it is, how large and how turned: a front-end inside the model's graph.

Landmarks are numbered as MediaPipe Hands does: 0 the wrist, then four for each finger from knuckle to tip, thumb first.
Built from Keras' own operations only, so that a `.keras` file loads in safe mode and ONNX holds all of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning._backend import arrays, keras
from motif.networks._hand_shape import BONES, EPSILON, N_BETWEEN_TIPS, Measured, hand_shape, lengths, measured
from motif.networks._window_summary import changes, summarized
from motif.signals import HAND_LANDMARKS

__all__ = ["aspect_of", "fit_aspect", "hand_layout", "landmark_frontend"]

N_LANDMARKS = len(HAND_LANDMARKS)
ASPECTS = np.geomspace(0.4, 2.5, 75)
"""Widths over heights of images that are thought of: from a narrow phone held upright to one lying down."""
MOST_FRAMES = 5000
"""As many frames tell the aspect well enough."""
ASPECT_LAYER = "scale_axes"
SLOW = 0.03
"""Palm lengths a frame: velocities below are told apart finely, those above coarsely."""


def hand_layout(n_features: int, landmarks: str = "auto") -> tuple[int, int] | None:
    """Return (hands, values per landmark) of a frame of `n_features`, or None where it cannot be hand landmarks.

    84 features are one hand of 21 × (x, y, z, visibility), as MediaPipe's collectors write them, unless `landmarks`
    says "2x21x2", (x, y) of two hands.

    Examples
    --------
    >>> hand_layout(84), hand_layout(63), hand_layout(126), hand_layout(27)
    ((1, 4), (1, 3), (2, 3), None)
    """
    layouts = {42: (1, 2), 63: (1, 3), 84: (1, 4), 126: (2, 3), 168: (2, 4)}
    if landmarks == "2x21x2":
        return (2, 2) if n_features == 84 else None
    return layouts.get(n_features)


def landmark_frontend(windows: Any, hands: int, values: int) -> tuple[Any, Any]:
    """Describe hands by how they are bent and how they move, not by where they are, how large or how turned.

    Where each landmark is, left as a feature, costs 4 points of macro-F1 on recordings made at another time: what the
    hand does not do on purpose, such as its tilt, is learnt by heart.

    Parameters
    ----------
    windows : symbolic (batch, frames, hands · 21 · values)
        x, y and, where there are more than two values, z; further values are dropped. A hand that was not found in a
        frame is all zeros there: its description is zero too, and its last feature says so.
    hands, values
        From `hand_layout`.

    Returns
    -------
    sequence : symbolic (batch, frames, features)
        For each hand, in palm lengths and turned so that the palm points up on average: the velocity of each landmark
        about the wrist and of the wrist itself, on a scale that spreads the slow ones (arsinh); the logarithm of the
        palm's length against its mean; distances between fingertips and to the wrist; cosines of the joint angles;
        1 where there is a hand. Apart from the turn, where the palm points and, with z, where it faces.
    summary : symbolic (batch, features)
        What each hand's shape (`hand_shape`), palm and wrist do over the window (`summarized`), in hand lengths.
    """
    ops = keras().ops
    frames = windows.shape[1]
    points = ops.reshape(windows, (-1, frames, hands * N_LANDMARKS, values))[..., : min(values, 3)]
    points = keras().layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-12, trainable=False, name=ASPECT_LAYER
    )(points)
    described = [_describe(hand) for hand in (ops.split(points, hands, axis=2) if hands > 1 else [points])]
    if hands == 1:
        return described[0]
    sequences, summaries = zip(*described, strict=True)
    return ops.concatenate(sequences, axis=-1), ops.concatenate(summaries, axis=-1)


def fit_aspect(model: Any, windows: NDArray[np.float32]) -> None:
    """Learn how much wider than high the camera's image was, and undo it: trackers give y as a share of the height.

    Bones are rigid, so the right aspect is the one under which their lengths, as shares of all in a frame, change
    least from frame to frame. Windows without z do not tell; a model without this front-end is left as it is.

    Parameters
    ----------
    windows : (n, frames, hands · 21 · values)
    """
    layer = _aspect_layer(model)
    if layer is None:
        return
    values = windows.shape[-1] // layer.input.shape[2]
    points = windows.reshape(-1, N_LANDMARKS, values)[..., :3].astype(np.float64)
    points = points[np.abs(points).max(axis=(1, 2)) > 0]
    if len(points):
        aspect = _aspect(points[:: max(1, len(points) // MOST_FRAMES)])
        layer.set_weights([np.zeros(3), np.array([1.0, aspect**2, 1.0])])


def aspect_of(model: Any) -> float:
    """Return the aspect that a model has learnt; 1 where it has none to learn."""
    layer = _aspect_layer(model)
    return 1.0 if layer is None else float(np.sqrt(arrays(layer.weights)[1][1]))


def _aspect_layer(model: Any) -> Any | None:
    """Return the layer that undoes the aspect; None where there is none, or no z to learn it from."""
    layers = (layer for layer in model.layers if layer.name == ASPECT_LAYER)
    return next((layer for layer in layers if layer.input.shape[-1] > 2), None)


def _aspect(points: NDArray[np.float64]) -> float:
    """(frames, 21, 3) → width over height; 1 where none stands out."""
    starts, ends = np.array(BONES).T
    squares = np.square(points[:, ends] - points[:, starts])

    def change(aspect: float) -> float:
        bone_lengths = np.log(squares @ np.array([1.0, aspect**-2, 1.0]) + 1e-8)
        return float((bone_lengths - bone_lengths.mean(axis=1, keepdims=True)).var(axis=0).mean())

    best = int(np.argmin([change(aspect) for aspect in ASPECTS]))
    return float(ASPECTS[best]) if 0 < best < len(ASPECTS) - 1 else 1.0


def _describe(points: Any) -> tuple[Any, Any]:
    """(batch, frames, 21, coordinates) → (batch, frames, features) and (batch, features)."""
    ops = keras().ops
    frames, coordinates = points.shape[1], points.shape[3]
    flat = ops.reshape(points, (-1, frames, N_LANDMARKS * coordinates))
    seen = ops.sign(ops.sum(ops.abs(flat), axis=-1, keepdims=True))  # (batch, frames, 1), 0 or 1
    hand = measured(points)
    turned = _turned(points, ops.reshape(_mean_seen(hand.up, seen), (-1, 1, 1, coordinates)))
    return _sequence(turned, hand, seen), _summary(turned, hand, seen)


def _sequence(points: Any, hand: Measured, seen: Any) -> Any:
    ops = keras().ops
    size = _mean_seen(hand.palm, seen) + EPSILON  # one for the window, so that a hand that comes nearer grows
    shape = points - points[:, :, :1]
    moving = ops.concatenate([shape[:, :, 1:], points[:, :, :1]], axis=2)
    moving = ops.reshape(moving, (-1, points.shape[1], moving.shape[2] * moving.shape[3])) / size
    still = [ops.log((hand.palm + EPSILON) / size), hand.distances[..., :N_BETWEEN_TIPS] / size, hand.bends, hand.faces]
    still = ops.concatenate(still, axis=-1) * seen
    return ops.concatenate([ops.arcsinh(_velocity(moving, seen) / SLOW), still, seen], axis=-1)


def _summary(points: Any, hand: Measured, seen: Any) -> Any:
    ops = keras().ops
    size = _mean_seen(hand.length, seen) + EPSILON
    # an axis at a time: the slice of two is exported as a gather once it has been traced before
    path = ops.reshape(points[:, :, :1][..., :2], (-1, points.shape[1], 2)) / size
    features = [hand_shape(hand, size), hand.faces, path - _mean_seen(path, seen)]
    return summarized(ops.concatenate(features, axis=-1) * seen, seen)


def _turned(points: Any, up: Any) -> Any:
    """Turn in the image so that `up` (batch, 1, 1, coordinates) points to −y, which is up; z stays."""
    ops = keras().ops
    up = up / lengths(up[..., :2])
    across, along = up[..., :1], -up[..., 1:2]
    x, y = points[..., :1], points[..., 1:2]
    return ops.concatenate([along * x + across * y, along * y - across * x, points[..., 2:]], axis=-1)


def _mean_seen(values: Any, seen: Any) -> Any:
    """Mean over the frames in which there is a hand."""
    ops = keras().ops
    return ops.sum(values * seen, axis=1, keepdims=True) / ops.maximum(ops.sum(seen, axis=1, keepdims=True), 1.0)


def _velocity(values: Any, seen: Any) -> Any:
    """Change since the frame before; zero at the start and where either frame has no hand."""
    return keras().ops.pad(changes(values, seen), ((0, 0), (1, 0), (0, 0)))

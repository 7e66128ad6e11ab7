"""How hands are bent and where they face, whatever their place, size and turn in the image; symbolic.

Points are (batch, frames, 21, coordinates) throughout, numbered as MediaPipe Hands does: 0 the wrist, then four for
each finger from knuckle to tip, thumb first.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from motif.learning._backend import keras
from motif.signals import HAND_FINGERS

__all__ = ["BONES", "EPSILON", "N_BETWEEN_TIPS", "Measured", "hand_shape", "lengths", "measured"]

FINGERS = tuple(HAND_FINGERS.values())
KNUCKLES = (5, 9, 13, 17)
THUMB_TIP, *FINGER_TIPS = (finger[-1] for finger in FINGERS)
TIPS = (THUMB_TIP, *FINGER_TIPS)
BETWEEN_TIPS = tuple((a, b) for i, a in enumerate(TIPS) for b in TIPS[i + 1 :]) + tuple((0, tip) for tip in TIPS)
ALONG_FINGERS = tuple((THUMB_TIP, joint) for finger in FINGERS[1:] for joint in finger[:-1])
"""From the thumb's tip to the joints it may touch or slide along."""
BONES_BEFORE = tuple(pair for a, b, c, _ in FINGERS for pair in ((0, a), (a, b), (b, c)))
BONES_AFTER = tuple(pair for a, b, c, d in FINGERS for pair in ((a, b), (b, c), (c, d)))
BONES = tuple((a, b) for finger in FINGERS for a, b in pairwise((0, *finger))) + tuple(pairwise(KNUCKLES))
PARTS = {
    "distances": BETWEEN_TIPS + ALONG_FINGERS,
    "bones": BONES,
    "before": BONES_BEFORE,
    "after": BONES_AFTER,
    "palm": tuple((0, knuckle) for knuckle in KNUCKLES),
    "across": ((KNUCKLES[0], KNUCKLES[-1]),),
}
N_BETWEEN_TIPS = len(BETWEEN_TIPS)
PALMS_OF_BONES = 6.0
"""All bones together are about six palms long."""
DEPTH = 0.25
"""How much of the depth counts, squared, in which finger the thumb is nearest to: trackers guess it."""
NEAR = 0.15
"""Hand lengths by which one finger is nearer than another, to be taken for the nearest."""
EPSILON = 1e-6


class Measured(NamedTuple):
    """Lengths and angles of hands, (batch, frames, …) each, in the unit of the points."""

    distances: Any
    """Between fingertips and from the wrist to them (`N_BETWEEN_TIPS`), from the thumb's tip to the fingers' joints."""
    in_image: Any
    """The same without z; None where there is no z."""
    bends: Any
    """Cosine at each joint: 1 where a finger is straight, −1 where it is folded back."""
    length: Any
    """Of all bones, in about palms, (batch, frames, 1): it changes less with the view than the palm does."""
    palm: Any
    """Mean length from the wrist to the knuckles, (batch, frames, 1)."""
    up: Any
    """From the wrist to the middle of the knuckles, (batch, frames, coordinates)."""
    faces: Any
    """Where the palm points and, with z, where it faces: unit vectors, (batch, frames, 2 or 6)."""


def measured(points: Any) -> Measured:
    """Measure hands; all vectors come from one product, because a device counts the operations."""
    ops = keras().ops
    vectors = ops.matmul(ops.transpose(points, (0, 1, 3, 2)), _DIFFERENCES)  # (batch, frames, coordinates, vectors)
    long = _parts(ops.sqrt(ops.sum(ops.square(vectors), axis=2) + EPSILON**2))
    part = _parts(vectors)
    in_image = None
    if points.shape[-1] > 2:
        in_image = ops.sqrt(ops.sum(ops.square(part["distances"][:, :, :2]), axis=2) + EPSILON**2)
    straight = ops.sum(part["before"] * part["after"], axis=2)
    up = ops.mean(part["palm"], axis=-1)
    return Measured(
        distances=long["distances"],
        in_image=in_image,
        bends=straight / (long["before"] * long["after"] + EPSILON),
        length=ops.sum(long["bones"], axis=-1, keepdims=True) / PALMS_OF_BONES,
        palm=ops.mean(long["palm"], axis=-1, keepdims=True),
        up=up,
        faces=_faces(up, ops.sum(part["across"], axis=-1)),
    )


def _parts(vectors: Any) -> dict[str, Any]:
    """Take apart what stands side by side along the last axis."""
    return dict(zip(PARTS, keras().ops.split(vectors, _ENDS[:-1], axis=-1), strict=True))


def hand_shape(hand: Measured, size: Any) -> Any:
    """Return (batch, frames, features) of hands whose length in the window is `size` (batch, 1, 1).

    Logarithms of the palm's and the hand's length; distances in space and, where there is a z, in the image; cosines of
    the joint angles; to which fingertip the thumb is nearest, and by how much.
    """
    ops = keras().ops
    distances = hand.distances if hand.in_image is None else ops.concatenate([hand.distances, hand.in_image], axis=-1)
    distances = distances / size
    to_tips, n = len(FINGER_TIPS), hand.distances.shape[-1]
    near = distances[..., :to_tips]
    if hand.in_image is not None:
        in_image = distances[..., n : n + to_tips]
        near = ops.sqrt((1 - DEPTH) * ops.square(in_image) + DEPTH * ops.square(near))
    sizes = ops.log(ops.concatenate([hand.palm, hand.length], axis=-1) / size + EPSILON)
    nearest = [ops.softmax(near * (-1 / NEAR), axis=-1), near[..., 1:] - near[..., :-1]]
    return ops.concatenate([sizes, distances, hand.bends, *nearest], axis=-1)


def lengths(vectors: Any) -> Any:
    """Lengths along the last axis, which stays; never quite zero, so that they can be divided by."""
    ops = keras().ops
    return ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + EPSILON**2)


def _faces(up: Any, across: Any) -> Any:
    ops = keras().ops
    along = up / lengths(up)
    if up.shape[-1] < 3:
        return along
    following, before = [1, 2, 0], [2, 0, 1]
    turned = [ops.take(vector, order, axis=-1) for vector in (along, across) for order in (following, before)]
    normal = turned[0] * turned[3] - turned[1] * turned[2]
    return ops.concatenate([along, normal / lengths(normal)], axis=-1)


def _difference_matrix() -> NDArray[np.float32]:
    """Return (21, vectors) that makes differences of landmarks, part after part."""
    pairs = [pair for part in PARTS.values() for pair in part]
    matrix = np.zeros((1 + max(max(pair) for pair in pairs), len(pairs)), np.float32)
    for column, (start, end) in enumerate(pairs):
        matrix[start, column] -= 1
        matrix[end, column] += 1
    return matrix


_DIFFERENCES = _difference_matrix()
_ENDS = np.cumsum([len(part) for part in PARTS.values()]).tolist()

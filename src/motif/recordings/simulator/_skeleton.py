"""A hand of 21 joints: from bent fingers to points in space. Numbered as MediaPipe Hands does, wrist first, thumb next.

The hand's frame, for a right hand that shows its palm to the camera with the fingers up: x to the image's right (where
the thumb is), y up, z out of the palm. A left hand is its mirror image.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["hand_joints"]

_KNUCKLES = np.array([[0.025, 0.090, 0.0], [0.003, 0.093, 0.0], [-0.016, 0.088, 0.0], [-0.034, 0.078, 0.0]])
_BONES = np.array([[0.042, 0.025, 0.021], [0.046, 0.029, 0.022], [0.043, 0.027, 0.022], [0.034, 0.020, 0.019]])
_FAN = np.array([0.10, 0.0, -0.10, -0.22])  # rad; how far each straight finger points to the thumb's side
_FULL_BEND = np.array([1.35, 1.75, 1.05])  # rad; knuckle, middle and end joint of a fist
_THUMB_BASE = np.array([0.022, 0.022, 0.008])
_THUMB_BONES = np.array([0.044, 0.034, 0.027])
_THUMB_OPEN = np.array([[0.80, 0.58, 0.15], [0.68, 0.72, 0.12], [0.62, 0.78, 0.10]])
_THUMB_CLOSED = np.array([[0.35, 0.80, 0.48], [-0.25, 0.80, 0.55], [-0.75, 0.55, 0.35]])


def hand_joints(
    curl: NDArray[np.float64], thumb: NDArray[np.float64], pinch: NDArray[np.float64], *, spread: float = 1.0
) -> NDArray[np.float64]:
    """Return where the joints are, by forward kinematics.

    Parameters
    ----------
    curl : (n_frames, 4)
        Of index, middle, ring and little finger: 0 straight, 1 as in a fist.
    thumb : (n_frames,)
        0 stretched out, 1 across the palm.
    pinch : (n_frames, 4)
        How far the thumb reaches for each finger's tip, 0 to 1.
    spread : float
        How far the straight fingers fan out, 1 for the average.

    Returns
    -------
    (n_frames, 21, 3), m
        The wrist is the origin; bones keep their length whatever the pose.
    """
    n = len(curl)
    joints = np.zeros((n, 21, 3))
    for finger in range(4):
        fan = spread * _FAN[finger] * (1 - 0.7 * curl[:, finger])
        ahead = np.column_stack([np.sin(fan), np.cos(fan), np.zeros(n)])
        bend = np.cumsum(curl[:, finger, None] * _FULL_BEND, axis=1)
        steps = np.cos(bend)[:, :, None] * ahead[:, None] + np.sin(bend)[:, :, None] * np.array([0.0, 0.0, 1.0])
        joints[:, 5 + 4 * finger] = _KNUCKLES[finger]
        joints[:, 6 + 4 * finger : 9 + 4 * finger] = _KNUCKLES[finger] + np.cumsum(
            steps * _BONES[finger][:, None], axis=1
        )
    joints[:, 1] = _THUMB_BASE
    joints[:, 2:5] = _THUMB_BASE + np.cumsum(_thumb(thumb, pinch, joints) * _THUMB_BONES[:, None], axis=1)
    return joints


def _thumb(closed: NDArray[np.float64], pinch: NDArray[np.float64], joints: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the directions of the thumb's three bones, (n_frames, 3, 3)."""
    towards = (1 - closed)[:, None, None] * _THUMB_OPEN + closed[:, None, None] * _THUMB_CLOSED
    for finger in range(4):
        aim = joints[:, 8 + 4 * finger] - _THUMB_BASE
        aim = aim / np.linalg.norm(aim, axis=1, keepdims=True)
        reach = pinch[:, finger, None, None]
        towards = (1 - reach) * towards + reach * aim[:, None]
    return np.asarray(towards / np.linalg.norm(towards, axis=2, keepdims=True), dtype=np.float64)

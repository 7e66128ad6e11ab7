"""Names of the 84 features of a hand: MediaPipe's 21 landmarks, each x, y, z and a fourth value."""

from __future__ import annotations

__all__ = ["HAND_FEATURES", "N_LANDMARKS"]

_FINGER_JOINTS = {
    "thumb": ("cmc", "mcp", "ip", "tip"),
    **dict.fromkeys(("index", "middle", "ring", "pinky"), ("mcp", "pip", "dip", "tip")),
}
_LANDMARKS = ("wrist", *(f"{finger}_{joint}" for finger, joints in _FINGER_JOINTS.items() for joint in joints))

N_LANDMARKS = len(_LANDMARKS)
HAND_FEATURES = tuple(f"{landmark}_{value}" for landmark in _LANDMARKS for value in ("x", "y", "z", "fourth"))
"""The order of `(n, frames, 84)`. The fourth value is a constant zero in recorded data."""

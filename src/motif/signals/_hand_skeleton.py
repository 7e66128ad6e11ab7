"""MediaPipe's hand: 21 landmarks by number and name, the wrist first, then each finger from its root to its tip.

Reference: ai.google.dev, "Hand landmarks detection guide".
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HAND_FINGERS", "HAND_LANDMARKS"]

HAND_FINGERS: Mapping[str, tuple[int, int, int, int]] = {
    "thumb": (1, 2, 3, 4),
    "index": (5, 6, 7, 8),
    "middle": (9, 10, 11, 12),
    "ring": (13, 14, 15, 16),
    "pinky": (17, 18, 19, 20),
}
"""The landmarks of each finger; 0 is the wrist."""

_JOINTS = {
    finger: ("cmc", "mcp", "ip", "tip") if finger == "thumb" else ("mcp", "pip", "dip", "tip")
    for finger in HAND_FINGERS
}

HAND_LANDMARKS = ("wrist", *(f"{finger}_{joint}" for finger, joints in _JOINTS.items() for joint in joints))
"""The name of each landmark."""

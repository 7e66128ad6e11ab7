"""Names of the 84 features of a hand: 21 landmarks, each x, y, z and a fourth value."""

from __future__ import annotations

from motif.signals import HAND_LANDMARKS

__all__ = ["HAND_FEATURES", "N_LANDMARKS"]

N_LANDMARKS = len(HAND_LANDMARKS)
HAND_FEATURES = tuple(f"{landmark}_{value}" for landmark in HAND_LANDMARKS for value in ("x", "y", "z", "fourth"))
"""The order of `(n, frames, 84)`. The fourth value is a constant zero in recorded data."""

"""Which channels of a recording are motion, by their names."""

from __future__ import annotations

__all__ = ["has_strength", "is_motion"]

_NOT_MOTION = ("mag", "quat", "yaw", "heading", "pressure", "altitude", "relativealtitude", "latitude", "longitude")
"""Where north is, how high, or where on Earth: they would tell places apart, not movements."""


def is_motion(channel: str) -> bool:
    """Return whether a channel such as `wrist.acc_x` tells of motion."""
    return not channel.rpartition(".")[2].lower().startswith(_NOT_MOTION)


def has_strength(quantity: str) -> bool:
    """Return whether the length of a triad such as `wrist.acc` changes with motion; that of gravity does not."""
    return is_motion(quantity) and not quantity.rpartition(".")[2].lower().startswith("grav")

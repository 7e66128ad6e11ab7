"""Which channels of a recording are motion, by their names, and how strongly they move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.signals import triads

__all__ = ["intensities", "is_motion"]

_NOT_MOTION = (
    *("mag", "quat", "yaw", "heading", "pressure", "altitude", "relativealtitude", "depth", "temp"),
    *("latitude", "longitude"),
)
"""Where north is, how high or deep or warm, or where on Earth: they would tell places apart, not movements."""


def is_motion(channel: str) -> bool:
    """Return whether a channel such as `wrist.acc_x` tells of motion."""
    return not channel.rpartition(".")[2].lower().startswith(_NOT_MOTION)


def intensities(channels: Sequence[str], values: NDArray[np.float64]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return names and series (n, names) of motion that do not depend on how a sensor sits, from values (n, channels).

    The length of each triad of axes, and every motion channel that is in none. Lengths that do not change with motion,
    of a magnetometer or of gravity, are left out.
    """
    every = triads(channels)
    inside = {axis for axes in every.values() for axis in axes}
    lengths = {name: axes for name, axes in every.items() if _has_strength(name)}
    alone = [i for i, name in enumerate(channels) if i not in inside and is_motion(name)]
    series = [np.linalg.norm(values[:, list(axes)], axis=1) for axes in lengths.values()]
    series += [values[:, i] for i in alone]
    names = (*lengths, *(channels[i] for i in alone))
    return names, np.stack(series, axis=1) if series else np.empty((len(values), 0))


def _has_strength(quantity: str) -> bool:
    return is_motion(quantity) and not quantity.rpartition(".")[2].lower().startswith("grav")

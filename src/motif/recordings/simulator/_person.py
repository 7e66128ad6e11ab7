"""Who holds the phone: size, tempo, hand, grip and style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

__all__ = ["Person"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Person:
    """How one person moves; every number stays the same over a session."""

    size: float
    """Amplitude, 1 for the average."""
    tempo: float
    """Speed, 1 for the average."""
    side: float
    """1 for the right hand, -1 for the left."""
    grip: Rotation
    """From the phone's frame to the world's, at rest: tilted towards the face, turned a little inward."""
    slant: Rotation
    """How the person's left, right, up and down lie in the world."""
    arm_turn: NDArray[np.float64]
    """(3,), how far the forearm turns with the hand's course: pitch by height, yaw by side, roll by side; rad/m."""
    windup: float
    """How far back a stroke swings before it begins, as a fraction of its length."""
    recoil_s: float
    """Time to come back to rest."""
    softness_s: float
    """How long the muscles blur a movement."""
    tremor: float
    """1 for the average."""
    twist_rad: float
    shake_hz: float
    step_hz: float
    circle_start: float
    """Where a circle begins, rad from the top, clockwise."""
    roundness: float

    @classmethod
    def draw(cls, rng: np.random.Generator, *, variation: float) -> Self:
        """Return a person by chance; with `variation` 0 everybody is the same right-handed person."""
        spread = variation * rng.standard_normal(18)
        side = -1.0 if rng.random() < 0.12 * min(variation, 1.0) else 1.0
        tilt = np.array([0.75 + 0.30 * spread[0], side * (-0.10 + 0.22 * spread[1]), side * (0.15 + 0.22 * spread[2])])
        return cls(
            size=float(np.exp(0.28 * spread[3])),
            tempo=float(np.exp(0.22 * spread[4])),
            side=side,
            grip=Rotation.from_rotvec(tilt),
            slant=Rotation.from_rotvec(0.22 * spread[5:8]),
            arm_turn=np.array([1.6, -1.6, side * 0.8]) * (1.0 + 0.6 * spread[8:11]),
            windup=float(0.15 * np.exp(0.7 * spread[11])),
            recoil_s=float(0.6 * np.exp(0.35 * spread[12])),
            softness_s=float(0.025 * np.exp(0.3 * spread[13])),
            tremor=float(np.exp(0.5 * spread[14])),
            twist_rad=float(1.2 * np.exp(0.25 * spread[15])),
            shake_hz=float(np.clip(4.2 * np.exp(0.18 * spread[16]), 2.5, 7.0)),
            step_hz=float(1.85 * np.exp(0.08 * spread[17])),
            circle_start=float(variation * 0.9 * rng.standard_normal()),
            roundness=float(np.exp(0.2 * variation * rng.standard_normal())),
        )

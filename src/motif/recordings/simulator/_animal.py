"""Who walks on four legs: size, style and how the sensors sit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

__all__ = ["SENSORS", "Animal"]

SENSORS = ("back", "right_fore_leg")
"""Where the two sensors sit."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Animal:
    """How one animal is built and moves; every number stays the same over a session."""

    leg_m: float
    """Length of a leg."""
    pace: float
    """Factor on every gait's frequency: a pendulum's, so small animals step faster."""
    bounce: float
    """How much of the limbs' force the back feels, 1 for the average."""
    pitching: float
    """How far the limbs tip the body fore and aft, rad/s² for a body weight."""
    rolling: float
    """How far the limbs tip the body sideways, rad/s² for a body weight."""
    reach: float
    """Factor on the swing of the legs."""
    duty: float
    """Factor on how long a foot stays on the ground."""
    agility: float
    """Factor on speeds and rates of turn."""
    limb_delay: NDArray[np.float64]
    """(4,), how much later each foot falls than its gait says, in cycles."""
    lead: float
    """1 for an animal that gallops on the right lead (its right forefoot falls last), -1 for the left."""
    mounts: tuple[Rotation, Rotation]
    """From each sensor's frame to the body's and the leg's."""

    @classmethod
    def draw(cls, rng: np.random.Generator, *, variation: float) -> Self:
        """Return an animal by chance; with `variation` 0 all are alike and the sensors sit straight."""
        spread = variation * rng.standard_normal(8)
        size = float(np.exp(0.35 * spread[0]))
        return cls(
            leg_m=0.4 * size,
            pace=float(size**-0.5 * np.exp(0.10 * spread[1])),
            bounce=float(0.8 * np.exp(0.25 * spread[2])),
            pitching=float(9.0 / size * np.exp(0.35 * spread[3])),
            rolling=float(6.0 / size * np.exp(0.35 * spread[4])),
            reach=float(np.exp(0.22 * spread[5])),
            duty=float(np.exp(0.10 * spread[6])),
            agility=float(np.exp(0.25 * spread[7])),
            limb_delay=0.035 * variation * rng.standard_normal(4),
            lead=1.0 if variation == 0 or rng.random() < 0.5 else -1.0,
            mounts=(
                Rotation.from_rotvec(0.20 * variation * rng.standard_normal(3)),
                Rotation.from_rotvec(0.30 * variation * rng.standard_normal(3)),
            ),
        )

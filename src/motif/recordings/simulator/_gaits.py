"""The ten gaits: when each foot falls, and what those forces do to the body.

Body axes are REP-103: x forward, y left, z up; positive pitch is nose down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.recordings.simulator._animal import Animal
from motif.recordings.simulator._physics import GRAVITY_M_S2

__all__ = ["GAITS", "STYLES", "Bounce", "GaitStyle", "bounce_of", "swing_of"]

_HARMONICS = 8
_GRID = 256
_LIMB_X = np.array([1.0, 1.0, -1.0, -1.0])
_LIMB_Y = np.array([1.0, -1.0, 1.0, -1.0])
_LOAD = np.array([0.3, 0.3, 0.2, 0.2])  # the forelegs of a dog carry about 60 % of its weight


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitStyle:
    """A gait of an average animal."""

    stride_hz: float = 1.0
    """Strides a second; 0 where no foot moves."""
    falls: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """When the left fore, right fore, left hind and right hind foot touch down, in cycles."""
    duty: float = 0.6
    """Share of a cycle in which a foot is on the ground."""
    speed_m_s: float = 0.0
    yaw_rad_s: float = 0.0
    """Rate of turn, positive to the left."""
    yaw_spread: float = 0.12
    """How much the rate of turn differs from bout to bout, rad/s."""
    swing_rad: float = 0.0
    """How far a leg swings to either side of its middle."""
    bout_s: float = 3.0
    """Mean length of a bout."""


_WALKING = (0.25, 0.75, 0.0, 0.5)
STYLES: dict[str, GaitStyle] = {
    "stand": GaitStyle(stride_hz=0.0, bout_s=4.0),
    "walk": GaitStyle(
        stride_hz=1.15, falls=_WALKING, duty=0.65, speed_m_s=1.0, yaw_spread=0.35, swing_rad=0.38, bout_s=5.0
    ),
    "trot": GaitStyle(stride_hz=1.9, falls=(0.0, 0.5, 0.5, 0.0), duty=0.47, speed_m_s=2.2, swing_rad=0.45, bout_s=4.0),
    "gallop": GaitStyle(
        stride_hz=2.4, falls=(0.45, 0.58, 0.0, 0.12), duty=0.30, speed_m_s=4.5, swing_rad=0.65, bout_s=3.0
    ),
    "turn_left": GaitStyle(
        stride_hz=1.05,
        falls=_WALKING,
        duty=0.65,
        speed_m_s=0.6,
        yaw_rad_s=0.9,
        yaw_spread=0.3,
        swing_rad=0.30,
        bout_s=2.0,
    ),
    "turn_right": GaitStyle(
        stride_hz=1.05,
        falls=_WALKING,
        duty=0.65,
        speed_m_s=0.6,
        yaw_rad_s=-0.9,
        yaw_spread=0.3,
        swing_rad=0.30,
        bout_s=2.0,
    ),
    "jump": GaitStyle(stride_hz=0.0, speed_m_s=0.6, bout_s=1.6),
    "pronk": GaitStyle(
        stride_hz=2.0, falls=(0.0, 0.03, 0.05, 0.02), duty=0.45, speed_m_s=1.2, swing_rad=0.18, bout_s=2.0
    ),
    "backup": GaitStyle(
        stride_hz=1.0,
        falls=(0.0, 0.5, 0.4, 0.9),
        duty=0.65,
        speed_m_s=-0.5,
        yaw_spread=0.25,
        swing_rad=-0.26,
        bout_s=2.5,
    ),
    "sit_down": GaitStyle(stride_hz=0.0, bout_s=2.5),
}
"""The order of footfalls is that of horses and dogs: left hind, left fore, right hind, right fore in the walk, diagonal
pairs in the trot, both hind then both fore feet in the transverse gallop. The numbers are plausible, not measured."""

GAITS = tuple(STYLES)
"""The ten gaits."""


@dataclass(frozen=True, slots=True, eq=False)
class Bounce:
    """What the feet's forces do to the body over a cycle, as harmonics of the stride: (harmonics,) complex each."""

    heave: NDArray[np.complex128]
    """m·Hz²: divide by the squared stride frequency."""
    surge: NDArray[np.complex128]
    """m·Hz²."""
    pitch: NDArray[np.complex128]
    """rad·Hz²."""
    roll: NDArray[np.complex128]
    """rad·Hz²."""


def bounce_of(style: GaitStyle, animal: Animal) -> Bounce:
    """Return how a gait moves an animal's back.

    A foot on the ground pushes with a half sine that carries its share of the weight over a cycle. The sum of the four
    lifts the body, the difference of fore and hind tips it, of left and right rolls it: acceleration at harmonic h of
    frequency f, integrated twice, is a path of -1/(2πhf)² times that.

    References
    ----------
    "Prediction of kinetics and kinematics of running animals using an analytical approximation to the planar
    spring-mass system" (2005), J. Exp. Biol. 208, 4377: half sines come close to the forces of running.
    """
    falls = np.array(style.falls)
    if animal.lead < 0:
        falls = falls[[1, 0, 3, 2]]
    push = np.stack([_stance(fall, style.duty * animal.duty) for fall in falls + animal.limb_delay]) * _LOAD[:, None]
    twice = -1.0 / (2 * np.pi * np.arange(1, _HARMONICS + 1)) ** 2
    weight: NDArray[np.complex128] = _harmonics(push.sum(axis=0)) * twice
    return Bounce(
        heave=np.asarray(animal.bounce * GRAVITY_M_S2 * weight),
        surge=0.2j * animal.bounce * GRAVITY_M_S2 * weight,
        pitch=-animal.pitching * _harmonics(_LIMB_X @ push) * twice,
        roll=animal.rolling * _harmonics(_LIMB_Y @ push) * twice,
    )


def swing_of(style: GaitStyle, animal: Animal) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return the right foreleg's swing (rad, forward positive) and its bend while in the air (0 to 1), as harmonics."""
    phase = np.arange(_GRID) / _GRID
    duty = float(np.clip(style.duty * animal.duty, 0.1, 0.9))
    since = (phase - style.falls[1 if animal.lead > 0 else 0] - animal.limb_delay[1]) % 1.0
    aloft = np.clip((since - duty) / (1 - duty), 0.0, 1.0)
    angle = np.where(since < duty, 1 - 2 * since / duty, -np.cos(np.pi * aloft))
    return style.swing_rad * animal.reach * _harmonics(angle), _harmonics(np.sin(np.pi * aloft) ** 2)


def _stance(fall: float, duty: float) -> NDArray[np.float64]:
    """Return a foot's force over a cycle, of mean one."""
    duty = float(np.clip(duty, 0.1, 0.9))
    since = (np.arange(_GRID) / _GRID - fall) % 1.0
    force: NDArray[np.float64] = np.where(since < duty, np.pi / (2 * duty) * np.sin(np.pi * since / duty), 0.0)
    return force


def _harmonics(cycle: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(2 * np.fft.rfft(cycle)[1 : _HARMONICS + 1] / _GRID, dtype=np.complex128)

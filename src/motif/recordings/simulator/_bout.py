"""One bout of a gait: the course of the body and of the right foreleg, sample by sample."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from motif.recordings.simulator._animal import Animal
from motif.recordings.simulator._gaits import STYLES, bounce_of, swing_of
from motif.recordings.simulator._noise import band_noise, minimum_jerk, taper
from motif.recordings.simulator._physics import GRAVITY_M_S2

__all__ = ["Bout", "move"]

_RAMP_S = 0.2


@dataclass(slots=True, eq=False)
class Bout:
    """Courses of n samples; all but `speed` and `yaw` begin and end at zero."""

    heave: NDArray[np.float64]
    """m, up."""
    surge: NDArray[np.float64]
    """m, forward, beside the steady speed."""
    roll: NDArray[np.float64]
    pitch: NDArray[np.float64]
    swing: NDArray[np.float64]
    """rad, the right foreleg forward."""
    bend: NDArray[np.float64]
    """Share of the leg's length taken in."""
    speed: NDArray[np.float64]
    """m/s."""
    yaw: NDArray[np.float64]
    """rad/s, positive to the left."""

    @classmethod
    def still(cls, n_samples: int) -> Bout:
        """Return a bout in which nothing moves."""
        return cls(*np.zeros((8, n_samples)))


def move(gait: str, animal: Animal, n_samples: int, rate_hz: float, variation: float, rng: np.random.Generator) -> Bout:
    """Return a bout of a gait; no two are alike."""
    style = STYLES[gait]
    bout = Bout.still(n_samples)
    hurry = float(np.exp(0.15 * variation * rng.standard_normal()))
    bout.speed += style.speed_m_s * animal.agility * hurry
    bout.yaw += style.yaw_rad_s * animal.agility * hurry + style.yaw_spread * variation * rng.standard_normal()
    bout.roll -= 0.08 * bout.yaw * bout.speed * taper(n_samples, round(_RAMP_S * rate_hz))
    if style.stride_hz:
        _stride(bout, gait, animal, hurry, rate_hz, variation, rng)
    elif gait == "jump":
        _jump(bout, animal, rate_hz, rng)
    elif gait == "sit_down":
        _sit(bout, animal, rate_hz, rng)
    return bout


def _stride(
    bout: Bout, gait: str, animal: Animal, hurry: float, rate_hz: float, variation: float, rng: np.random.Generator
) -> None:
    style = STYLES[gait]
    n = bout.speed.size
    frequency = style.stride_hz * animal.pace * np.sqrt(hurry)
    wavering = 1 + 0.06 * variation * band_noise(n, (0.3, 3.0), rate_hz, rng, n_series=1)[:, 0]
    phase = rng.random() + np.cumsum(frequency * wavering) / rate_hz
    strength = taper(n, round(_RAMP_S * rate_hz)) * float(np.exp(0.15 * variation * rng.standard_normal()))
    waves = np.exp(2j * np.pi * phase[:, None] * np.arange(1, 9)) * strength[:, None]
    bounce = bounce_of(style, animal)
    swing, bend = swing_of(style, animal)
    bout.heave += (waves @ bounce.heave).real / frequency**2
    bout.surge += (waves @ bounce.surge).real / frequency**2
    bout.pitch += (waves @ bounce.pitch).real / frequency**2
    bout.roll += (waves @ bounce.roll).real / frequency**2
    bout.swing += (waves @ swing).real * hurry
    bout.bend += 0.12 * (waves @ bend).real * abs(style.swing_rad) / 0.4


def _jump(bout: Bout, animal: Animal, rate_hz: float, rng: np.random.Generator) -> None:
    """Crouch, push off, fly free, land and rise again, as often as the bout has time for, and once at least."""
    size = np.sqrt(animal.leg_m / 0.4)
    end_s = (bout.speed.size - 2) / rate_hz
    start_s = rng.uniform(0.05, 0.25)
    for number in count():
        times = size * rng.uniform([0.15, 0.10, 0.16], [0.32, 0.18, 0.34])
        length_s = float(times @ [2, 2, 1])
        if number and start_s + length_s > end_s:
            return
        times *= min(1.0, (end_s - start_s) / length_s)
        _leap_once(bout, np.arange(bout.speed.size) / rate_hz - start_s, times, rng)
        start_s += length_s + rng.uniform(0.05, 0.5)


def _leap_once(bout: Bout, time_s: NDArray[np.float64], times: NDArray[np.float64], rng: np.random.Generator) -> None:
    crouch_s, push_s, flight_s = map(float, times)
    bout.heave += _leap(time_s, crouch_s, push_s, flight_s)
    middle = (time_s - crouch_s) / (2 * push_s + flight_s)
    lean = np.sin(2 * np.pi * np.clip(middle, 0, 1)) * minimum_jerk(4 * middle) * minimum_jerk(4 - 4 * middle)
    bout.pitch -= rng.uniform(0.1, 0.3) * lean
    tuck = minimum_jerk(2 * middle) * minimum_jerk(2 - 2 * middle)
    bout.swing += rng.uniform(0.2, 0.6) * tuck
    bout.bend += 0.2 * tuck


def _leap(time_s: NDArray[np.float64], crouch_s: float, push_s: float, flight_s: float) -> NDArray[np.float64]:
    """Return the height of a leap: in flight nothing but gravity acts, on the ground a half sine of force does."""
    velocity = GRAVITY_M_S2 * flight_s / 2
    depth = velocity * push_s / 2
    push = np.clip((time_s - crouch_s) / push_s, 0, 1)
    flown_s = np.clip(time_s - crouch_s - push_s, 0, flight_s)
    landing = np.clip((time_s - crouch_s - push_s - flight_s) / push_s, 0, 1)
    rise = minimum_jerk((time_s - crouch_s - 2 * push_s - flight_s) / crouch_s)
    height = -depth * minimum_jerk(time_s / crouch_s) + _pushed(push, depth)
    height += velocity * flown_s - GRAVITY_M_S2 / 2 * flown_s**2
    height += _pushed(1 - landing, depth) - depth + depth * rise
    return np.asarray(height, dtype=np.float64)


def _pushed(share: NDArray[np.float64], depth: float) -> NDArray[np.float64]:
    """Return the way that a half sine of force covers from rest."""
    return np.asarray(depth * (share - np.sin(np.pi * share) / np.pi), dtype=np.float64)


def _sit(bout: Bout, animal: Animal, rate_hz: float, rng: np.random.Generator) -> None:
    """Lower the hind quarters, stay, and stand up at the end of the bout."""
    n = bout.speed.size
    down_s = rng.uniform(0.5, 1.1) * np.sqrt(animal.leg_m / 0.4)
    time_s = np.arange(n) / rate_hz
    down = minimum_jerk((time_s - rng.uniform(0.05, 0.4)) / down_s) * minimum_jerk((n / rate_hz - time_s) / 0.5)
    depth = rng.uniform(0.35, 0.75)
    bout.pitch -= depth * down
    bout.heave -= 0.45 * animal.leg_m * depth * down
    bout.surge -= 0.15 * animal.leg_m * down
    bout.swing += rng.uniform(0.0, 0.3) * down

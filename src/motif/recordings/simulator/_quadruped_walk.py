"""An animal that goes from bout to bout: the sequence of gaits, the path of its body, and what its sensors read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from motif.recordings.simulator._animal import Animal
from motif.recordings.simulator._bout import Bout, move
from motif.recordings.simulator._gaits import STYLES
from motif.recordings.simulator._imu import Models, measure
from motif.recordings.simulator._noise import band_noise

__all__ = ["semi_markov", "walk"]

_SHORTEST_S = 0.8


def semi_markov(
    gaits: Sequence[str], duration_s: float, rate_hz: float, rng: np.random.Generator
) -> tuple[list[str], NDArray[np.int64]]:
    """Return a sequence of gaits and their lengths in samples, which fill the duration."""
    script: list[str] = []
    lengths: list[int] = []
    left = round(duration_s * rate_hz)
    shortest = round(_SHORTEST_S * rate_hz)
    while left > 0:
        others = [gait for gait in gaits if not script or gait != script[-1]] or list(gaits)
        gait = others[int(rng.integers(len(others)))]
        length = max(round(rng.gamma(3.0, STYLES[gait].bout_s / 3.0) * rate_hz), shortest)
        length = left if left - length < shortest else length
        script.append(gait)
        lengths.append(length)
        left -= length
    return script, np.array(lengths, dtype=np.int64)


def walk(
    animal: Animal,
    script: Sequence[str],
    lengths: NDArray[np.int64],
    rate_hz: float,
    variation: float,
    models: Models,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return what the sensors on the back and on the right foreleg read, (n_samples, 18)."""
    bouts = [move(gait, animal, int(n), rate_hz, variation, rng) for gait, n in zip(script, lengths, strict=True)]
    course = Bout(*(np.concatenate([getattr(bout, name) for bout in bouts]) for name in Bout.__slots__))
    places = zip(_bodies(animal, course, rate_hz, rng), animal.mounts, strict=True)
    return np.hstack([measure(where, facing * mount, rate_hz, models, rng) for (where, facing), mount in places])


def _bodies(
    animal: Animal, course: Bout, rate_hz: float, rng: np.random.Generator
) -> tuple[tuple[NDArray[np.float64], Rotation], tuple[NDArray[np.float64], Rotation]]:
    """Return position and orientation of the back and of the right foreleg; x of the world is magnetic north."""
    n = course.speed.size
    wander = np.array([0.04, 0.04, 0.06]) * band_noise(n, (0.05, 1.5), rate_hz, rng)
    shiver = 5e-5 * band_noise(n, (5.0, min(15.0, 0.45 * rate_hz)), rate_hz, rng)
    speed = gaussian_filter1d(course.speed, 0.2 * rate_hz, mode="nearest")
    turning = gaussian_filter1d(course.yaw, 0.12 * rate_hz, mode="nearest")
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(turning) / rate_hz + wander[:, 2]
    body = Rotation.from_euler(
        "ZYX", np.column_stack([heading, course.pitch + wander[:, 1], course.roll + wander[:, 0]])
    )
    ahead = np.column_stack([np.cos(heading), np.sin(heading)])
    ground = np.cumsum(speed[:, None] * ahead, axis=0) / rate_hz + course.surge[:, None] * ahead
    back = np.column_stack([ground, course.heave]) + shiver
    leg = Rotation.from_rotvec(-course.swing[:, None] * np.array([0.0, 1.0, 0.0]))
    shoulder = animal.leg_m * np.array([0.6, -0.2, -0.1])
    shin = leg.apply(np.column_stack([np.zeros((n, 2)), -0.6 * animal.leg_m * (1 - course.bend)]))
    return (back, body), (back + body.apply(shoulder + shin), body * leg)

"""The courses of phone gestures: where the hand goes and how the wrist turns.

The world's x points to the person's right, y forward and z up. A course is in units of the gesture's amplitude.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.recordings.simulator._noise import band_noise, minimum_jerk, taper, through
from motif.recordings.simulator._person import Person

__all__ = ["GESTURES", "ORDINARY_MOVEMENTS", "SHAPES", "Course", "Shape"]

Course = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Position of the hand (n, 3), in amplitudes, and rotation vector of the wrist (n, 3), rad, in the phone's frame."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of movement, as an average person does it."""

    course: Callable[[NDArray[np.float64], float, Person, np.random.Generator], Course]
    """Of progress (n,) from 0 to 1, duration in seconds, the person and chance."""
    amplitude_m: float
    duration_s: float


def _stroke(*points: tuple[float, float, float]) -> Callable[..., Course]:
    corners = np.array([(0.0, 0.0, 0.0), *points])

    def course(progress: NDArray[np.float64], _: float, person: Person, rng: np.random.Generator) -> Course:
        windup = person.windup * rng.uniform(0.2, 1.6)
        path = np.vstack([corners[:1], -windup * corners[1:2], corners[1:]])
        return through(path, progress), np.zeros((progress.size, 3))

    return course


def _circle(direction: float) -> Callable[..., Course]:
    def course(progress: NDArray[np.float64], _: float, person: Person, rng: np.random.Generator) -> Course:
        turned = 0.5 * (progress + minimum_jerk(progress))
        first = person.circle_start + 0.3 * rng.standard_normal()
        angle = first + direction * 2 * np.pi * rng.uniform(0.9, 1.2) * turned
        flat = person.roundness * rng.uniform(0.8, 1.2)
        path = np.column_stack([np.sin(angle), np.zeros_like(angle), flat * np.cos(angle)])
        return path - path[0], np.zeros_like(path)

    return course


def _push(progress: NDArray[np.float64], _: float, person: Person, rng: np.random.Generator) -> Course:
    back = 1.0 - rng.uniform(0.2, 1.0)
    path = np.array([[0, 0, 0], [0, -person.windup, 0], [0, 1, 0.1], [0, back, 0]])
    return through(path, progress), np.zeros((progress.size, 3))


def _twist(progress: NDArray[np.float64], _: float, person: Person, rng: np.random.Generator) -> Course:
    out = person.side * person.twist_rad * rng.uniform(0.7, 1.3)
    turn = through(np.array([[0.0], [out], [-0.3 * rng.random() * out], [0.0]]), progress)[:, 0]
    wrist = np.column_stack([0.15 * turn, turn, 0.2 * person.side * turn])
    return 0.1 * np.column_stack([turn, np.zeros_like(turn), turn]), wrist


def _shake(progress: NDArray[np.float64], duration_s: float, person: Person, rng: np.random.Generator) -> Course:
    cycles = person.shake_hz * rng.uniform(0.85, 1.15) * duration_s
    swing = np.sin(2 * np.pi * cycles * progress + rng.uniform(0, 2 * np.pi)) * taper(progress.size, progress.size // 5)
    aside = rng.uniform(-0.4, 0.4, 2)
    path = np.column_stack([swing, aside[0] * swing, aside[1] * swing])
    return path, 0.3 * np.column_stack([np.zeros_like(swing), swing, np.zeros_like(swing)])


def _rest(progress: NDArray[np.float64], _: float, person: Person, rng: np.random.Generator) -> Course:
    return np.zeros((progress.size, 3)), np.zeros((progress.size, 3))


def _walk(progress: NDArray[np.float64], duration_s: float, person: Person, rng: np.random.Generator) -> Course:
    step = 2 * np.pi * person.step_hz * rng.uniform(0.9, 1.1) * duration_s * progress + rng.uniform(0, 2 * np.pi)
    sway, surge = rng.uniform(0.5, 1.5, 2)
    path = np.column_stack([sway * np.sin(step / 2), 0.6 * surge * np.sin(step + 0.8), np.cos(step)])
    path[:, 2] += 0.2 * np.cos(2 * step + rng.uniform(0, 2 * np.pi))
    wrist = 0.06 * np.column_stack([np.sin(step + 0.4), np.sin(step / 2), np.sin(step / 2 + 1)])
    edge = taper(progress.size, progress.size // 8)[:, None]
    return path * edge, wrist * edge


def _handling(progress: NDArray[np.float64], duration_s: float, person: Person, rng: np.random.Generator) -> Course:
    rate_hz = (progress.size - 1) / duration_s
    edge = taper(progress.size, progress.size // 6)[:, None]
    path = band_noise(progress.size, (0.2, 1.6 * person.tempo), rate_hz, rng)
    wrist = rng.uniform(0.1, 0.4) * band_noise(progress.size, (0.2, 1.4 * person.tempo), rate_hz, rng)
    return path * edge, wrist * edge


SHAPES: dict[str, Shape] = {
    "swipe_left": Shape(_stroke((-1, 0, 0)), 0.30, 0.50),
    "swipe_right": Shape(_stroke((1, 0, 0)), 0.30, 0.50),
    "swipe_up": Shape(_stroke((0, 0, 1)), 0.25, 0.50),
    "swipe_down": Shape(_stroke((0, 0, -1)), 0.25, 0.50),
    "circle_cw": Shape(_circle(1.0), 0.13, 0.85),
    "circle_ccw": Shape(_circle(-1.0), 0.13, 0.85),
    "zigzag": Shape(_stroke((0.8, 0, 0), (0, 0, -0.7), (0.8, 0, -0.7)), 0.26, 0.90),
    "push": Shape(_push, 0.25, 0.60),
    "twist": Shape(_twist, 0.10, 0.65),
    "shake": Shape(_shake, 0.04, 0.80),
    "rest": Shape(_rest, 0.0, 1.20),
    "walk": Shape(_walk, 0.02, 1.40),
    "handling": Shape(_handling, 0.04, 1.40),
}
"""Every movement by name."""

ORDINARY_MOVEMENTS = ("rest", "walk", "handling")
"""What people do with a phone when they do not gesture."""
GESTURES = tuple(name for name in SHAPES if name not in ORDINARY_MOVEMENTS)
"""The ten gestures."""

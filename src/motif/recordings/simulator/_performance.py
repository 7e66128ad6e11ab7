"""A person who performs movements one after the other: the true path of the phone, and what was done when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from motif.recordings.simulator._gesture_paths import SHAPES
from motif.recordings.simulator._noise import band_noise, minimum_jerk
from motif.recordings.simulator._person import Person

__all__ = ["Performance", "Span", "perform"]


@dataclass(frozen=True, slots=True)
class Span:
    """Samples from `start` up to `stop` in which one movement was made."""

    label: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """The truth of a session, on an even grid."""

    position: NDArray[np.float64]
    """(n_samples, 3), m: x to the person's right, y forward, z up."""
    orientation: Rotation
    """n_samples rotations from the phone's frame to the world's."""
    spans: tuple[Span, ...]


def perform(
    person: Person, script: Sequence[str], *, rate_hz: float, pause_s: float, variation: float, rng: np.random.Generator
) -> Performance:
    """Let a person make the movements of a script, with rests between.

    Each movement starts at rest, and the hand comes back to rest after it. No two trials are alike: amplitude, tempo,
    direction and grip vary around the person's own by half of what people differ by.
    """
    hand, wrist, grip, spans = [], [], [], []
    begin = 0
    for label in script:
        rest = round(pause_s * rng.uniform(0.6, 1.6) * rate_hz)
        path, turn = _trial(person, label, rate_hz, variation, rng)
        back = _return(path[-1], turn[-1], person, rate_hz, rng)
        hand += [np.zeros((rest, 3)), path, back[0]]
        wrist += [np.zeros((rest, 3)), turn, back[1]]
        spans.append(Span(label, begin + rest, begin + rest + len(path)))
        grip.append(np.tile(0.12 * variation * rng.standard_normal(3), (rest + len(path) + len(back[0]), 1)))
        begin += len(grip[-1])
    end = np.zeros((round(pause_s * rate_hz), 3))
    soft = person.softness_s * rate_hz
    course = gaussian_filter1d(np.vstack([*hand, end]), soft, axis=0, mode="nearest")
    turning = gaussian_filter1d(np.vstack([*wrist, end]), soft, axis=0, mode="nearest")
    holding = gaussian_filter1d(np.vstack([*grip, end]), 0.25 * rate_hz, axis=0, mode="nearest")
    return _alive(person, course, turning + holding, tuple(spans), rate_hz, rng)


def _trial(
    person: Person, label: str, rate_hz: float, variation: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    shape = SHAPES[label]
    vary = variation * rng.standard_normal(5)
    duration_s = float(np.clip(shape.duration_s / person.tempo * np.exp(0.12 * vary[0]), 0.2, 4.0))
    n_samples = max(8, round(duration_s * rate_hz))
    hurry = np.exp(0.2 * vary[1])  # over 1 the stroke starts slowly and ends fast
    progress = np.linspace(0.0, 1.0, n_samples) ** hurry
    path, turn = shape.course(progress, duration_s, person, rng)
    amplitude = shape.amplitude_m * person.size * np.exp(0.14 * vary[2])
    slant = person.slant * Rotation.from_rotvec(0.09 * variation * rng.standard_normal(3))
    return np.asarray(slant.apply(amplitude * path), dtype=np.float64), turn * np.exp(0.1 * vary[3])


def _return(
    path: NDArray[np.float64], turn: NDArray[np.float64], person: Person, rate_hz: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n_samples = round(person.recoil_s * rng.uniform(0.8, 1.3) * rate_hz)
    left = 1.0 - minimum_jerk(np.linspace(0.0, 1.0, n_samples))[:, None]
    return left * path, left * turn


def _alive(
    person: Person,
    course: NDArray[np.float64],
    turning: NDArray[np.float64],
    spans: tuple[Span, ...],
    rate_hz: float,
    rng: np.random.Generator,
) -> Performance:
    """Add what no living hand is without: slow sway, tremor, and a forearm that turns as the hand moves."""
    n = len(course)
    fastest = min(12.0, 0.45 * rate_hz)
    sway = 0.006 * band_noise(n, (0.02, 1.0), rate_hz, rng)
    tremor = person.tremor * 2e-5 * band_noise(n, (0.6 * fastest, fastest), rate_hz, rng)
    wander = 0.05 * band_noise(n, (0.02, 0.6), rate_hz, rng)
    shiver = person.tremor * 6e-4 * band_noise(n, (0.6 * fastest, fastest), rate_hz, rng)
    arm = np.column_stack([course[:, 2], course[:, 0], course[:, 0]]) * person.arm_turn
    swing = Rotation.from_rotvec(arm[:, [0, 2, 1]])
    orientation = swing * person.grip * Rotation.from_rotvec(turning + wander + shiver)
    return Performance(course + sway + tremor, orientation, spans)

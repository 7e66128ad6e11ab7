"""What hands do before a camera: courses of the fingers and of the wrist over a short clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from motif.recordings.simulator._noise import minimum_jerk

__all__ = ["HAND_GESTURES", "PLAYS", "HandPose", "Signer"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Signer:
    """Whose hand it is, and how they sit before the camera; every number stays the same over a session."""

    size: float
    """Of the hand, 1 for the average."""
    left: bool
    amplitude: float
    tempo: float
    facing: Rotation
    """How the palm is turned away from the camera."""
    rest_curl: NDArray[np.float64]
    """(4,), how bent the fingers are at rest."""
    rest_thumb: float
    firmness: float
    """How completely a gesture is carried out, 1 for fully."""
    along: float
    """How much the fingers that should stay move along."""
    spread: float
    distance_m: float
    place: NDArray[np.float64]
    """(2,), where the wrist is in the image, 0 to 1."""
    focal: float
    """Focal length in image widths."""

    @classmethod
    def draw(cls, rng: np.random.Generator, *, variation: float) -> Self:
        """Return a person by chance; with `variation` 0 all are alike."""
        spread = variation * rng.standard_normal(16)
        return cls(
            size=float(np.exp(0.09 * spread[0])),
            left=bool(rng.random() < 0.15 * min(variation, 1.0)),
            amplitude=float(np.exp(0.30 * spread[1])),
            tempo=float(np.exp(0.22 * spread[2])),
            facing=Rotation.from_rotvec(np.array([-0.25, 0.0, 0.0]) + np.array([0.30, 0.36, 0.20]) * spread[3:6]),
            rest_curl=np.clip(0.22 + 0.10 * spread[6] + 0.06 * spread[7:11], 0.02, 0.6),
            rest_thumb=float(np.clip(0.25 + 0.15 * spread[11], 0.0, 0.7)),
            firmness=float(np.clip(0.80 + 0.13 * spread[12], 0.45, 1.0)),
            along=float(np.clip(0.32 + 0.16 * spread[13], 0.0, 0.7)),
            spread=float(np.exp(0.25 * spread[14])),
            distance_m=float(0.55 * np.exp(0.13 * spread[15])),
            place=np.array([0.52, 0.68]) + np.array([0.05, 0.04]) * variation * rng.standard_normal(2),
            focal=float(0.95 * np.exp(0.10 * variation * rng.standard_normal())),
        )


@dataclass(slots=True, eq=False)
class HandPose:
    """A clip of a hand, frame by frame."""

    curl: NDArray[np.float64]
    """(n_frames, 4)."""
    thumb: NDArray[np.float64]
    """(n_frames,)."""
    pinch: NDArray[np.float64]
    """(n_frames, 4)."""
    moved: NDArray[np.float64]
    """(n_frames, 3), m: to the image's right, up, and towards the camera."""
    turned: NDArray[np.float64]
    """(n_frames, 3), rotation vector, rad."""

    @classmethod
    def resting(cls, signer: Signer, n_frames: int) -> Self:
        """Return a hand that keeps still."""
        return cls(
            curl=np.tile(signer.rest_curl, (n_frames, 1)),
            thumb=np.full(n_frames, signer.rest_thumb),
            pinch=np.zeros((n_frames, 4)),
            moved=np.zeros((n_frames, 3)),
            turned=np.zeros((n_frames, 3)),
        )


Play = Callable[[HandPose, Signer, NDArray[np.float64], np.random.Generator], None]
"""Plays a gesture into a resting pose, over progress (n_frames,) that runs from 0 to 1 within the clip."""


def _swipe(right: float, up: float) -> Play:
    def play(pose: HandPose, signer: Signer, progress: NDArray[np.float64], rng: np.random.Generator) -> None:
        way = minimum_jerk(progress) - rng.uniform(0.3, 0.7)
        length_m = 0.12 * signer.amplitude * rng.uniform(0.75, 1.25)
        slant = 0.15 * rng.standard_normal()
        pose.moved += length_m * way[:, None] * np.array([right - slant * up, up + slant * right, 0.0])
        pose.turned += way[:, None] * np.array([-0.5 * up, 0.0, -0.6 * right]) * rng.uniform(0.4, 1.4)
        pose.curl *= rng.uniform(0.5, 1.1)

    return play


def _pinch(finger: int) -> Play:
    def play(pose: HandPose, signer: Signer, progress: NDArray[np.float64], rng: np.random.Generator) -> None:
        closed = signer.firmness * _there_and_back(progress, rng)
        target = rng.uniform(0.50, 0.62)
        for other in range(4):
            share = 1.0 if other == finger else signer.along * np.exp(0.3 * rng.standard_normal())
            pose.curl[:, other] += min(share, 1.0) * closed * (target - pose.curl[:, other])
        pose.pinch[:, finger] = closed

    return play


def _fist(direction: float) -> Play:
    def play(pose: HandPose, signer: Signer, progress: NDArray[np.float64], rng: np.random.Generator) -> None:
        lag = 0.15 * rng.random(4)
        closed = np.stack([minimum_jerk(progress * 1.15 - late) for late in lag], axis=1)
        closed = closed if direction > 0 else 1.0 - closed
        full = signer.firmness * rng.uniform(0.85, 1.0)
        pose.curl += closed * (full - pose.curl)
        pose.thumb += closed.mean(axis=1) * (full - pose.thumb)

    return play


def _point_click(pose: HandPose, signer: Signer, progress: NDArray[np.float64], rng: np.random.Generator) -> None:
    folded = rng.uniform(0.6, 1.0)
    pose.curl[:, 1:] = folded * signer.firmness
    pose.thumb += 0.6 * (folded - pose.thumb)
    click = _there_and_back(progress, rng)
    pose.curl[:, 0] = 0.08 + rng.uniform(0.15, 0.4) * click
    pose.moved += click[:, None] * np.array([0.0, -0.012, 0.02]) * signer.amplitude
    pose.turned[:, 0] += 0.15 * click


def _nothing(pose: HandPose, signer: Signer, progress: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Hold any pose, drift, or go slowly from one pose to another: what a hand does between gestures."""
    before, after = (_idle_pose(signer, rng) for _ in range(2))
    change = rng.choice([0.0, 0.3, 1.0]) * minimum_jerk(
        np.linspace(rng.uniform(-0.8, 0.3), rng.uniform(0.7, 1.8), len(progress))
    )
    pose.curl = before[:4] + change[:, None] * (after[:4] - before[:4])
    pose.thumb = before[4] + change * (after[4] - before[4])
    pose.pinch[:, :2] = before[5:] * (1 - change)[:, None]
    drift = rng.choice([0.01, 0.05, 0.14]) * signer.amplitude * rng.standard_normal(3)
    pose.moved += np.linspace(-0.5, 0.5, len(progress))[:, None] * drift
    pose.turned += np.linspace(-0.5, 0.5, len(progress))[:, None] * 0.25 * rng.standard_normal(3)


def _idle_pose(signer: Signer, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return four curls, the thumb, and the pinch of index and middle finger."""
    pinch = np.zeros(2)
    curl = np.clip(signer.rest_curl + rng.choice([0.0, 0.5]) * rng.random() + 0.08 * rng.standard_normal(4), 0.0, 1.0)
    if rng.random() < 0.2:
        finger = rng.integers(2)
        curl[finger], pinch[finger] = 0.55, rng.uniform(0.5, 1.0)
    if rng.random() < 0.15:
        curl[0], curl[1:] = 0.08, rng.uniform(0.6, 1.0)
    return np.concatenate([curl, [np.clip(signer.rest_thumb + 0.4 * rng.random(), 0, 1)], pinch])


def _there_and_back(progress: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a course from 0 to 1 that may be held, and comes back in some trials only after the clip."""
    there = rng.uniform(0.35, 0.6)
    back = rng.uniform(0.55, 1.3)
    return minimum_jerk(progress / there) * (1 - minimum_jerk((progress - back) / 0.45))


PLAYS: dict[str, Play] = {
    "none": _nothing,
    "swipe_left": _swipe(-1.0, 0.0),
    "swipe_right": _swipe(1.0, 0.0),
    "swipe_up": _swipe(0.0, 1.0),
    "pinch_index": _pinch(0),
    "pinch_middle": _pinch(1),
    "close_fist": _fist(1.0),
    "open_hand": _fist(-1.0),
    "point_click": _point_click,
}
"""Every hand gesture by name."""

HAND_GESTURES = tuple(PLAYS)
"""Eight gestures, and `none` first."""

"""A hand before a camera: landmark clips, as a hand tracker gives them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from motif.checks import Seed, generator, require_count, require_positive
from motif.errors import ConfigError
from motif.recordings._dataset import Dataset
from motif.recordings.dataset_readers._hand import HAND_FEATURES
from motif.recordings.simulator._checks import check_known, check_variation
from motif.recordings.simulator._hand_gestures import HAND_GESTURES, PLAYS, HandPose, Signer
from motif.recordings.simulator._noise import band_noise
from motif.recordings.simulator._skeleton import hand_joints

__all__ = ["simulate_hand"]

_ASPECT = 4 / 3


def simulate_hand(
    n_people: int = 8,
    n_repetitions: int = 10,
    *,
    gestures: Sequence[str] = HAND_GESTURES,
    n_frames: int = 12,
    rate_hz: float = 15.0,
    variation: float = 1.0,
    jitter: float = 0.0025,
    missing: float = 0.03,
    random_state: Seed = 0,
) -> Dataset:
    """Simulate hands that gesture before a camera, a clip each.

    Fingers bend, the wrist moves and turns; the 21 joints follow by forward kinematics and are seen through a pinhole
    camera. A tracker's jitter is added, and some frames show no hand.

    Parameters
    ----------
    n_people : int
        Each differs in size of hand, handedness, resting pose, amplitude, tempo, view angle and distance.
    n_repetitions : int
        Of each gesture by each person.
    gestures : sequence of str
        Of `motif.recordings.simulator.HAND_GESTURES`.
    n_frames : int
        Of a clip.
    rate_hz : float
        Frames per second; with 12 frames at 15 Hz a clip lasts 0.8 s.
    variation : float
        How much people differ: 0 not at all, 1 as people do, up to 2.
    jitter : float
        Standard deviation of a landmark, in image widths; depth is three times as uncertain.
    missing : float
        Share of frames without a hand: all zeros. A clip keeps at least one frame.
    random_state : int, numpy.random.Generator or None
        Same seed, same bytes; person k is the same whatever `n_people` is.

    Returns
    -------
    Dataset
        `X` (n, n_frames, 84): x and y from 0 to 1 across the image (a landmark can lie outside), z from the wrist in
        image widths, smaller is closer, and a zero. The groups are the people; each clip is a stretch of its own.

    Raises
    ------
    ConfigError, LabelError
        A number is out of its range, or a gesture is unknown.

    Examples
    --------
    >>> simulate_hand(2, 3, gestures=["none", "close_fist"]).X.shape
    (12, 12, 84)
    """
    _check(n_people, n_repetitions, gestures, n_frames, variation)
    require_positive("rate_hz", rate_hz)
    if not (0.0 <= missing < 1.0 and 0.0 <= jitter < 0.1):
        raise ConfigError(f"missing is {missing} and jitter {jitter}; give 0 to 1 (not 1) and 0 to 0.1")
    clips, labels, groups = [], [], []
    for person, rng in enumerate(generator(random_state).spawn(n_people)):
        signer = Signer.draw(rng, variation=variation)
        for label in np.repeat(np.arange(len(gestures)), n_repetitions):
            landmarks = _film(signer, gestures[int(label)], n_frames, rate_hz, variation, rng)
            clips.append(_track(landmarks, jitter, missing, rng))
            labels.append(label)
            groups.append(f"person{person + 1:02d}")
    n = len(clips)
    return Dataset(
        name="simulated hand",
        X=np.pad(np.asarray(clips, dtype=np.float32), [(0, 0)] * 3 + [(0, 1)]).reshape(n, n_frames, 84),
        y=np.array(labels, dtype=np.int64),
        class_names=tuple(gestures),
        groups=np.array(groups, dtype=np.str_),
        group_kind="subject",
        stretch=np.arange(n, dtype=np.int64),
        start=np.zeros(n, dtype=np.int64),
        rate_hz=rate_hz,
        channels=HAND_FEATURES,
    )


def _film(
    signer: Signer, gesture: str, n_frames: int, rate_hz: float, variation: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the true landmarks of a clip in which the gesture happens somewhere, (n_frames, 21, 3)."""
    time_s = np.arange(n_frames) / rate_hz
    length_s = 0.45 / signer.tempo * np.exp(0.15 * variation * rng.standard_normal())
    middle_s = time_s[-1] * rng.uniform(0.35, 0.65)
    pose = HandPose.resting(signer, n_frames)
    pose.curl += 0.05 * variation * rng.standard_normal(4)
    PLAYS[gesture](pose, signer, (time_s - middle_s) / length_s + 0.5, rng)
    np.clip(pose.curl, 0.0, 1.0, out=pose.curl)
    return _see(signer, pose, rate_hz, variation, rng)


def _see(
    signer: Signer, pose: HandPose, rate_hz: float, variation: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    n = len(pose.thumb)
    joints = signer.size * hand_joints(pose.curl, pose.thumb, pose.pinch, spread=signer.spread)
    if signer.left:
        joints[..., 0] *= -1
    sway = band_noise(n, (0.3, 3.0), max(rate_hz, 6.0), rng, n_series=6)
    held = Rotation.from_rotvec(0.12 * variation * rng.standard_normal(3)) * signer.facing
    turn = Rotation.from_rotvec(pose.turned + 0.02 * sway[:, :3]) * held
    points = np.einsum("tij,tkj->tki", turn.as_matrix(), joints)
    wrist = pose.moved + 0.004 * sway[:, 3:]
    place = signer.place + np.array([0.02, 0.02]) * variation * rng.standard_normal(2)
    depth_m = signer.distance_m - (points + wrist[:, None])[..., 2]
    aside_m = (place - 0.5) * signer.distance_m / signer.focal * np.array([1.0, -1 / _ASPECT])
    across = signer.focal * (points + wrist[:, None])[..., :2]
    x = 0.5 + (across[..., 0] + signer.focal * aside_m[0]) / depth_m
    y = 0.5 - _ASPECT * (across[..., 1] + signer.focal * aside_m[1]) / depth_m
    z = -signer.focal * points[..., 2] / depth_m[:, :1]
    return np.stack([x, y, z], axis=-1)


def _track(
    landmarks: NDArray[np.float64], jitter: float, missing: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return what a tracker reports: jittered, the wrist's depth its zero, and nothing in some frames."""
    seen = landmarks + jitter * np.array([1.0, _ASPECT, 3.0]) * rng.standard_normal(landmarks.shape)
    seen[:, 0, 2] = 0.0
    lost = rng.random(len(seen)) < missing
    lost[rng.integers(len(seen))] = False
    seen[lost] = 0.0
    return seen


def _check(n_people: int, n_repetitions: int, gestures: Sequence[str], n_frames: int, variation: float) -> None:
    require_count("n_people", n_people)
    require_count("n_repetitions", n_repetitions)
    require_count("n_frames", n_frames, 4)
    check_known(gestures, HAND_GESTURES)
    check_variation(variation)

"""Hand landmarks without the camera: where the hand is and how large it looks are taken out, and kept apart.

Landmark numbers are MediaPipe's: 0 is the wrist, 5, 9, 13, 17 the knuckles, 4, 8, 12, 16, 20 the tips.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, ShapeError
from motif.signals._hand_skeleton import HAND_FINGERS
from motif.signals._hands import N_LANDMARKS, Hands, Layout, hands_from, hold, windows_from

__all__ = ["hand_present", "landmark_feature_names", "landmark_features", "normalize_landmarks"]

_TIPS = tuple(finger[-1] for finger in HAND_FINGERS.values())
_TIP_PAIRS = tuple(combinations(_TIPS, 2))
_PALM = ((0, 5), (0, 9), (0, 17), (5, 17))
_JOINTS = tuple(three for a, b, c, d in HAND_FINGERS.values() for three in ((0, a, b), (a, b, c), (b, c, d)))
_SMALLEST_PALM = 0.05
"""Of the hand's reach from the wrist: a palm that looks smaller is a tracking fault, and not worth dividing by."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pose:
    shape: NDArray[np.float64]  # (n, frames, hands, 21, axes), wrist at 0, in palm lengths
    path: NDArray[np.float64]  # (n, frames, hands, axes), the wrist since it was first seen, in palm lengths
    present: NDArray[np.bool_]  # (n, frames, hands)


def hand_present(landmarks: ArrayLike, *, layout: Layout | None = None) -> NDArray[np.bool_]:
    """Return whether each hand was seen in each frame, (n, frames, hands).

    A hand is missing where its 21 points coincide (all zeros, as trackers write it) or are all NaN.
    """
    return hands_from(landmarks, layout).present


def normalize_landmarks(
    landmarks: ArrayLike,
    *,
    layout: Layout | None = None,
    mirror: ArrayLike = False,
    aspect: float = 1.0,
    keep_path: bool = True,
) -> NDArray[np.float32]:
    """Return landmarks relative to the wrist, in palm lengths, in the layout they came in.

    Parameters
    ----------
    landmarks : (n, frames, 63) or (n, frames, 84)
        See `layout`. A missing hand is held where it was last seen (before: where it will first be seen); a window that
        never shows it is zero, which no hand is. `hand_present` tells them apart.
    layout
        `21x4` (x, y, z, 0), `21x3`, or `2x21x2` for two hands; by default by the number of features, one hand.
    mirror : bool, (n,) or (n, hands)
        Where true, x is turned round: give the left hands to lay them over the right ones.
    aspect
        Width over height of the image, where x and y each run 0…1 over it.
    keep_path
        Put the wrist's path since it was first seen into its own, otherwise empty, place: swipes live by it.

    Returns
    -------
    The shape of `landmarks`, float32
        Unchanged by moving, scaling or (with `mirror`) mirroring all of a window. The scale is one number a window,
        the median over its frames of the palm's mean length, so that coming closer is still seen.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError, ConfigError

    Examples
    --------
    >>> window = np.random.default_rng(0).random((1, 12, 63))
    >>> bool(np.allclose(normalize_landmarks(window), normalize_landmarks(3 * window + 1), atol=1e-5))
    True
    """
    hands = hands_from(landmarks, layout)
    pose = _pose(hands, mirror, aspect)
    shape = pose.shape
    if keep_path:
        shape[..., 0, :] = pose.path
    return windows_from(shape, np.shape(landmarks)[2])


def landmark_features(
    landmarks: ArrayLike,
    *,
    layout: Layout | None = None,
    mirror: ArrayLike = False,
    aspect: float = 1.0,
) -> NDArray[np.float32]:
    """Return what a hand does in each frame, free of where it is and how large it looks.

    Of each hand: landmarks about the wrist, the wrist's path and step, the tips' steps, the bend of the joints, the
    distances between tips and from tip to wrist, and whether it was seen.

    Parameters
    ----------
    landmarks, layout, mirror, aspect
        As for `normalize_landmarks`.

    Returns
    -------
    (n, frames, n_features), float32
        In the order of `landmark_feature_names`; lengths in palms, steps in palms a frame (0 in the first), bends in
        rad, 0 (straight) … π.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError, ConfigError
    """
    pose = _pose(hands_from(landmarks, layout), mirror, aspect)
    tips = pose.shape[..., _TIPS, :]
    pairs = np.array(_TIP_PAIRS)
    between = _length(pose.shape[..., pairs[:, 0], :] - pose.shape[..., pairs[:, 1], :])
    in_image = tips + pose.path[..., None, :]
    n_rows = pose.path.shape[:3]
    parts = [
        pose.shape[..., 1:, :].reshape(*n_rows, -1),
        pose.path,
        _steps(pose.path),
        _steps(in_image).reshape(*n_rows, -1),
        _bends(pose.shape),
        between,
        _length(tips),
        pose.present[..., None],
    ]
    return np.concatenate(parts, axis=-1).reshape(*n_rows[:2], -1).astype(np.float32)


def landmark_feature_names(layout: Layout = "21x4") -> tuple[str, ...]:
    """Return the name of each column of `landmark_features`: `8.x`, `wrist.path_x`, `4~8.distance`, `hand1.8.y`, …"""
    axes = "xy" if layout == "2x21x2" else "xyz"
    names = [f"{point}.{axis}" for point in range(1, N_LANDMARKS) for axis in axes]
    names += [f"wrist.{what}_{axis}" for what in ("path", "step") for axis in axes]
    names += [f"{tip}.step_{axis}" for tip in _TIPS for axis in axes]
    names += [f"{joint}.bend" for _, joint, _ in _JOINTS]
    names += [f"{a}~{b}.distance" for a, b in _TIP_PAIRS]
    names += [f"0~{tip}.distance" for tip in _TIPS]
    names += ["present"]
    prefixes = ("hand0.", "hand1.") if layout == "2x21x2" else ("",)
    return tuple(f"{prefix}{name}" for prefix in prefixes for name in names)


def _pose(hands: Hands, mirror: ArrayLike, aspect: float) -> _Pose:
    if not (aspect > 0 and np.isfinite(aspect)):
        raise ConfigError(f"aspect is {aspect}; want the image's width over its height, above 0")
    points = hold(hands)
    points[..., 0] *= aspect
    points[..., 2:] *= aspect  # MediaPipe's z has about the scale of x
    points[..., 0] *= np.where(_mirrored(mirror, hands.present), -1.0, 1.0)[:, None, :, None]
    wrist = points[..., 0, :]
    shape = points - wrist[..., None, :]
    scale = _palm_length(shape, hands.present)
    path = (wrist - wrist[:, :1]) / scale[:, None, :, None]  # a hand not seen yet is held where it will be
    return _Pose(shape / scale[:, None, :, None, None], path, hands.present)


def _mirrored(mirror: ArrayLike, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (n, hands) from one answer, one a window, or one a hand."""
    array = np.asarray(mirror, dtype=bool)
    n, _, n_hands = present.shape
    if array.shape not in ((), (n,), (n, n_hands)):
        raise ShapeError("mirror", got=array.shape, want=f"(), ({n},) or ({n}, {n_hands})")
    return np.broadcast_to(array[:, None] if array.ndim == 1 else array, (n, n_hands))


def _palm_length(shape: NDArray[np.float64], present: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (n, hands): the median over seen frames of the palm's mean length; 1 where no hand was seen."""
    ends = np.array(_PALM)
    palm = _length(shape[..., ends[:, 0], :] - shape[..., ends[:, 1], :]).mean(axis=-1)
    reach = _length(shape).max(axis=(1, 3))
    n_seen = present.sum(axis=1)
    ordered = np.sort(np.where(present, palm, np.inf), axis=1)
    middle = np.stack([np.maximum(n_seen - 1, 0) // 2, n_seen // 2], axis=1)
    middle = np.minimum(middle, present.shape[1] - 1)
    median = np.take_along_axis(ordered, middle, axis=1).mean(axis=1)
    scale: NDArray[np.float64] = np.where(n_seen > 0, np.maximum(median, _SMALLEST_PALM * reach), 1.0)
    return scale


def _bends(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each joint turns the finger, (n, frames, hands, 15), 0 where a bone has no length."""
    before, at, after = np.array(_JOINTS).T
    a = shape[..., at, :] - shape[..., before, :]
    b = shape[..., after, :] - shape[..., at, :]
    lengths = _length(a) * _length(b)
    cosine = (a * b).sum(axis=-1) / np.where(lengths > 0, lengths, 1.0)
    bends: NDArray[np.float64] = np.where(lengths > 0, np.arccos(np.clip(cosine, -1.0, 1.0)), 0.0)
    return bends


def _steps(series: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.diff(series, axis=1, prepend=series[:, :1])


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length: NDArray[np.float64] = np.sqrt((vectors * vectors).sum(axis=-1))
    return length

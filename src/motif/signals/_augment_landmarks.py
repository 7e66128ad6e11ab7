"""Landmark windows as they might as well have been. `Hands` in, new `Hands` out; a missing hand stays missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.signals._augment_time import moments
from motif.signals._hands import Hands

__all__ = ["drop_frames", "jitter_landmarks", "mirror_hands", "move_in_image", "read_frames_at_other_moments"]


def move_in_image(
    hands: Hands, rotation_deg: float, scale: float, translation: float, generator: np.random.Generator
) -> Hands:
    """Turn each window in the image plane, scale it and move it, about where its wrists are on average.

    Parameters
    ----------
    rotation_deg
        Largest turn either way; an axis across the image is left as it is, but for the scale.
    scale
        Largest change of size either way, as a part of it.
    translation
        Largest move along x and y, in hand's reaches.
    """
    n = len(hands.points)
    angle = np.deg2rad(generator.uniform(-rotation_deg, rotation_deg, n))[:, None, None, None]
    factor = generator.uniform(1.0 - scale, 1.0 + scale, n)[:, None, None, None, None]
    offset = generator.uniform(-translation, translation, (n, 2))
    centre = _mean_wrist(hands)[:, None, None, None]
    points = hands.points - centre
    x, y = points[..., 0].copy(), points[..., 1].copy()
    points[..., 0] = np.cos(angle) * x - np.sin(angle) * y
    points[..., 1] = np.sin(angle) * x + np.cos(angle) * y
    points = points * factor + centre
    points[..., :2] += (offset * _reach(hands)[:, None])[:, None, None, None]
    return _with(hands, points)


def jitter_landmarks(hands: Hands, strength: float, generator: np.random.Generator) -> Hands:
    """Move each landmark by white noise of `strength` times the hand's reach."""
    noise = generator.standard_normal(hands.points.shape, dtype=np.float32)
    return _with(hands, hands.points + noise * (strength * _reach(hands))[:, None, None, None, None])


def mirror_hands(hands: Hands, probability: float, generator: np.random.Generator) -> Hands:
    """Mirror a window left to right about its wrists, with this probability; two hands change places."""
    mirrored = (generator.random(len(hands.points)) < probability)[:, None, None]
    centre = _mean_wrist(hands)[:, None, None, None]
    points = hands.points - centre
    points[..., 0] *= -1.0
    points += centre
    present = np.where(mirrored, hands.present[:, :, ::-1], hands.present)
    points = np.where(mirrored[..., None, None], points[:, :, ::-1], hands.points)
    return _with(Hands(points, present), points)


def drop_frames(hands: Hands, probability: float, generator: np.random.Generator) -> Hands:
    """Lose each hand in each frame with this probability, but never in all frames where it was seen."""
    draw = generator.random(hands.present.shape)
    draw[~hands.present] = -1.0
    kept = (draw >= probability) | (draw == draw.max(axis=1, keepdims=True))
    return _with(Hands(hands.points, hands.present & kept), hands.points)


def read_frames_at_other_moments(hands: Hands, warp: float, shift: float, generator: np.random.Generator) -> Hands:
    """Let time run unevenly and start elsewhere (see `moments`); a frame beside a missing one is taken whole."""
    n, n_frames = hands.present.shape[:2]
    place = moments(n, n_frames, generator, warp=warp, shift=shift)
    before = np.minimum(place.astype(np.intp), max(n_frames - 2, 0))
    after = np.minimum(before + 1, n_frames - 1)
    seen_before, seen_after = (np.take_along_axis(hands.present, i[:, :, None], axis=1) for i in (before, after))
    part = (place - before)[:, :, None]
    part = np.where(seen_before & seen_after, part, np.round(part))[..., None, None]
    first, second = (np.take_along_axis(hands.points, i[:, :, None, None, None], axis=1) for i in (before, after))
    present = np.where(part[..., 0, 0] < 0.5, seen_before, seen_after)
    return _with(Hands(first, present), first + part * (second - first))


def _with(hands: Hands, points: NDArray[np.float64]) -> Hands:
    return Hands(np.where(hands.present[..., None, None], points, 0.0), hands.present)


def _mean_wrist(hands: Hands) -> NDArray[np.float64]:
    """Return (n, axes): the wrists' mean over hands and frames that were seen."""
    seen = hands.present[..., None]
    total = (hands.points[..., 0, :] * seen).sum(axis=(1, 2))
    mean: NDArray[np.float64] = total / np.maximum(seen.sum(axis=(1, 2)), 1)
    return mean


def _reach(hands: Hands) -> NDArray[np.float64]:
    """Return (n,): the mean distance in the image of the landmarks from their wrist, where hands were seen."""
    away = hands.points[..., 1:, :2] - hands.points[..., :1, :2]
    distance = np.sqrt((away * away).sum(axis=-1)).mean(axis=-1)
    reach: NDArray[np.float64] = distance.sum(axis=(1, 2)) / np.maximum(hands.present.sum(axis=(1, 2)), 1)
    return reach

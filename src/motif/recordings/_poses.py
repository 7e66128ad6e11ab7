"""Which channels are key points: `keypoint.x` or `individual.keypoint.x`, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PoseLayout", "pose_layout"]

_SPACE = ("x", "y", "z")


@dataclass(frozen=True)
class PoseLayout:
    """The columns of a pose recording as a grid."""

    space: tuple[str, ...]
    keypoints: tuple[str, ...]
    individuals: tuple[str, ...]
    position: NDArray[np.intp]
    """(space, keypoints, individuals), the column of each coordinate."""
    confidence: NDArray[np.intp] | None
    """(keypoints, individuals), the column of each likelihood, where there are likelihoods."""


def pose_layout(channels: Sequence[str]) -> PoseLayout | None:
    """Return how the channels form a full grid of key points; None where they are something else."""
    column = {_parsed(channel): i for i, channel in enumerate(channels)}
    coordinates = {coordinate for _, _, coordinate in column}
    space = tuple(axis for axis in _SPACE if axis in coordinates)
    individuals = tuple(dict.fromkeys(individual for individual, _, _ in column))
    keypoints = tuple(dict.fromkeys(keypoint for _, keypoint, _ in column))
    wanted = (*space, *(["likelihood"] if "likelihood" in coordinates else []))
    whole = len(column) == len(channels) == len(wanted) * len(keypoints) * len(individuals)
    if len(space) < 2 or not whole or not coordinates <= set(wanted):
        return None
    if not all((i, k, c) in column for i in individuals for k in keypoints for c in wanted):
        return None

    def columns(coordinate: str) -> list[list[int]]:
        return [[column[individual, keypoint, coordinate] for individual in individuals] for keypoint in keypoints]

    position = np.array([columns(axis) for axis in space])
    confidence = np.array(columns("likelihood")) if "likelihood" in wanted else None
    return PoseLayout(space, keypoints, individuals, position, confidence)


def _parsed(channel: str) -> tuple[str, str, str]:
    point, _, coordinate = channel.rpartition(".")
    individual, _, keypoint = point.rpartition(".")
    return individual, keypoint, coordinate

"""How well a gesture is taught, by its features: outlying samples, how alike they are, which gestures are confused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from motif.templates._sample import GestureSample

__all__ = ["Figures", "judge", "outlying"]

_FEWEST_TO_JUDGE = 4
_FAR = 5.0
"""Robust deviations of the distance from which a sample is outlying; a few samples scatter much."""
_MOST_PER_FEATURE = 6.0
"""No single feature, such as a count that is one higher, makes a sample outlying."""
_MOST_OUTLYING = 0.34


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one gesture."""

    consistency: float
    accuracy: float
    cross_validated: bool
    confusions: Mapping[str, float] = field(default_factory=dict)
    more_samples: int = 0


def outlying(samples: Sequence[GestureSample]) -> NDArray[np.bool_]:
    """Return which samples are unlike the others, (n,); never more than a third, and none among fewer than four."""
    table = _table(samples)
    n = len(samples)
    if n < _FEWEST_TO_JUDGE or not table.shape[1]:
        return np.zeros(n, np.bool_)
    centre = np.median(table, axis=0)
    deviations = np.minimum(np.abs((table - centre) / _scale([table])), _MOST_PER_FEATURE)
    distance = np.sqrt((deviations**2).mean(axis=1))
    middle = float(np.median(distance))
    spread = 1.4826 * float(np.median(np.abs(distance - middle)))
    limit = middle + _FAR * max(spread, 0.2 * middle, 1e-6)
    far = distance > limit
    if far.sum() > _MOST_OUTLYING * n:
        far &= distance >= np.sort(distance)[-int(_MOST_OUTLYING * n)]
    return np.asarray(far)


def judge(name: str, taught: Mapping[str, Sequence[GestureSample]], *, run_cross_validation: bool) -> Figures:
    """Return how well `name` is taught beside the other gestures.

    Each sample is left out in turn and goes to the gesture whose centre is nearest, in units of the usual spread.
    """
    names = [other for other in taught if len(taught[other])]
    tables = _aligned([list(taught[other]) for other in names])
    mine = tables[names.index(name)]
    scale = _scale(tables)
    consistency = _consistency(mine)
    if not run_cross_validation or len(mine) < 2:
        return Figures(consistency, 0.0, cross_validated=False, more_samples=_more(len(mine), 0.0))
    votes = Counter(names[_nearest(mine, tables, names.index(name), left_out, scale)] for left_out in range(len(mine)))
    accuracy = votes.pop(name, 0) / len(mine)
    confusions = {other: count / len(mine) for other, count in votes.items()}
    return Figures(consistency, accuracy, True, confusions, _more(len(mine), accuracy))


def _nearest(
    mine: NDArray[np.float64],
    tables: Sequence[NDArray[np.float64]],
    own: int,
    left_out: int,
    scale: NDArray[np.float64],
) -> int:
    rest = np.delete(mine, left_out, axis=0)
    centres = [(rest if place == own else table).mean(axis=0) for place, table in enumerate(tables)]
    distances = [float((((mine[left_out] - centre) / scale) ** 2).sum()) for centre in centres]
    return int(np.argmin(distances))


def _consistency(table: NDArray[np.float64]) -> float:
    """Return 1 − spread over size, averaged over features: 1 where all samples are alike."""
    if len(table) < 2 or not table.shape[1]:
        return 1.0 if len(table) else 0.0
    spread = table.std(axis=0)
    size = np.sqrt((table**2).mean(axis=0))
    varying = size > 1e-9
    return float(np.clip(1.0 - (spread[varying] / size[varying]).mean(), 0.0, 1.0)) if varying.any() else 1.0


def _more(n_samples: int, accuracy: float) -> int:
    """Return how many more samples are worth recording: five are enough where nothing is mistaken, ten otherwise."""
    return max(0, (5 if accuracy >= 0.95 else 10) - n_samples)


def _table(samples: Sequence[GestureSample]) -> NDArray[np.float64]:
    return _aligned([list(samples)])[0]


def _aligned(gestures: Sequence[Sequence[GestureSample]]) -> list[NDArray[np.float64]]:
    """Return a table (n_samples, n_features) for each gesture, over the features that all samples have."""
    numbers = [[sample.features.numbers() if sample.features else {} for sample in samples] for samples in gestures]
    each = [set(found) for gesture in numbers for found in gesture]
    shared = sorted(set.intersection(*each)) if each else []
    return [np.array([[found[name] for name in shared] for found in gesture]).reshape(len(gesture), len(shared))
            for gesture in numbers]  # fmt: skip


def _scale(tables: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the usual spread of each feature within a gesture, never below a twentieth of its size."""
    centred = np.concatenate([table - np.median(table, axis=0) for table in tables if len(table)])
    size = np.sqrt((np.concatenate(list(tables)) ** 2).mean(axis=0))
    return np.asarray(np.maximum(1.4826 * np.median(np.abs(centred), axis=0), 0.05 * size) + 1e-9)

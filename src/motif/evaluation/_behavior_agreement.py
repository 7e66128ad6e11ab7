"""Two opinions of what happened when: how far they agree, whatever they call the states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, ShapeError
from motif.evaluation._behavior_streams import checked_streams

__all__ = [
    "BoundaryScores",
    "adjusted_rand",
    "boundary_f1",
    "contingency",
    "match_states",
    "mutual_information",
    "normalized_mutual_information",
]

Labels = NDArray[np.int64]


def contingency(truth: ArrayLike, found: ArrayLike) -> Labels:
    """Return (true states, found states), frames that both describe; states sorted, as `numpy.unique` has them."""
    first, second = _pair(truth, found)
    rows, i = np.unique(first, return_inverse=True)
    columns, j = np.unique(second, return_inverse=True)
    counts = np.bincount(i.ravel() * len(columns) + j.ravel(), minlength=len(rows) * len(columns))
    return counts.reshape(len(rows), len(columns))


def mutual_information(truth: ArrayLike, found: ArrayLike, *, corrected: bool = True) -> float:
    """Return what one labelling tells about the other, nats.

    Parameters
    ----------
    truth, found : (time,) or (n, time), int
    corrected : bool
        Take off what independent labels of so few frames would show: (rows - 1)(columns - 1) / 2n. It may then fall
        below 0. Neighbouring frames are not independent: where segments last, thin the labels to one a segment first.

    References
    ----------
    Miller (1955), "Note on the bias of information estimates".

    Examples
    --------
    >>> round(mutual_information([0, 0, 1, 1], [5, 5, 7, 7], corrected=False), 3)
    0.693
    """
    counts = contingency(truth, found)
    n, (rows, columns) = counts.sum(), counts.shape
    joint = counts / n
    chance = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0
    plain = float(np.maximum((joint[seen] * np.log(joint[seen] / chance[seen])).sum(), 0.0))
    return plain - float((rows - 1) * (columns - 1) / (2 * n)) if corrected else plain


def normalized_mutual_information(truth: ArrayLike, found: ArrayLike) -> float:
    """Return mutual information over the mean of both entropies, 0 … 1; 1 where both are one state throughout.

    More states make it larger by chance alone: read it beside `adjusted_rand`.
    """
    from sklearn.metrics import normalized_mutual_info_score

    first, second = _pair(truth, found)
    return float(normalized_mutual_info_score(first.ravel(), second.ravel()))


def adjusted_rand(truth: ArrayLike, found: ArrayLike) -> float:
    """Return the share of pairs of frames both treat alike, beyond chance: 1 perfect, 0 chance.

    References
    ----------
    Hubert & Arabie (1985), "Comparing partitions".
    """
    from sklearn.metrics import adjusted_rand_score

    first, second = _pair(truth, found)
    return float(adjusted_rand_score(first.ravel(), second.ravel()))


def match_states(truth: ArrayLike, found: ArrayLike) -> dict[int, int]:
    """Return which true state each found state stands for.

    One to one, so that as many frames as possible agree; found states that are left over go to the true state that
    they share most frames with.

    References
    ----------
    Kuhn (1955), "The Hungarian method for the assignment problem".
    """
    from scipy.optimize import linear_sum_assignment

    first, second = _pair(truth, found)
    counts = contingency(first, second)
    true_states, found_states = np.unique(first), np.unique(second)
    partner = {int(found_states[j]): int(true_states[counts[:, j].argmax()]) for j in range(len(found_states))}
    for i, j in zip(*linear_sum_assignment(counts, maximize=True), strict=True):
        if counts[i, j]:
            partner[int(found_states[j])] = int(true_states[i])
    return partner


@dataclass(frozen=True, slots=True)
class BoundaryScores:
    """How many changes were found where they are."""

    f1: float
    """2 × matched / (true + found); 1 where there was nothing to find and nothing was found."""
    n_true: int
    n_found: int
    n_matched: int


def boundary_f1(truth: ArrayLike, found: ArrayLike, tolerance: int = 0) -> BoundaryScores:
    """Match changes of state in time order, one to one, whatever the states are called, and count.

    Parameters
    ----------
    truth, found : (time,) or (n, time), int
    tolerance : int
        Frames that a change may be off.

    Raises
    ------
    ConfigError
        `tolerance` is below 0.

    Examples
    --------
    >>> boundary_f1([0, 0, 0, 1, 1, 1], [4, 4, 2, 2, 2, 4], tolerance=1).f1
    0.6666666666666666
    """
    if tolerance < 0:
        raise ConfigError(f"tolerance is {tolerance}; want frames, 0 or more")
    first, second = _pair(truth, found)
    changes = [(_changes(a), _changes(b)) for a, b in zip(first, second, strict=True)]
    n_true, n_found = (sum(len(pair[side]) for pair in changes) for side in (0, 1))
    matched = sum(_matched(a, b, tolerance) for a, b in changes)
    f1 = 2 * matched / (n_true + n_found) if n_true + n_found else 1.0
    return BoundaryScores(f1, n_true, n_found, matched)


def _changes(stream: Labels) -> list[int]:
    return list(map(int, np.flatnonzero(np.diff(stream) != 0) + 1))


def _matched(truth: list[int], found: list[int], tolerance: int) -> int:
    """Return the most pairs there can be: the earliest with the earliest that is near enough."""
    i = j = matched = 0
    while i < len(truth) and j < len(found):
        if abs(truth[i] - found[j]) <= tolerance:
            i, j, matched = i + 1, j + 1, matched + 1
        elif truth[i] < found[j]:
            i += 1
        else:
            j += 1
    return matched


def _pair(truth: ArrayLike, found: ArrayLike) -> tuple[Labels, Labels]:
    first, second = checked_streams("truth", truth), checked_streams("found", found)
    if first.shape != second.shape:
        raise ShapeError("found", got=np.shape(found), want=f"{np.shape(truth)}, a label for each of truth")
    return first, second

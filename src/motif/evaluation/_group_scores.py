"""A row for each person, session or block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import LabelError, ShapeError
from motif.evaluation._calibration import expected_calibration_error
from motif.evaluation._inputs import checked_pair

__all__ = ["GroupScore", "group_scores"]


@dataclass(frozen=True, slots=True)
class GroupScore:
    """One subject, session or block: its windows wherever they were tested."""

    group: str
    n: int
    accuracy: float
    macro_f1: float
    ece: float


def group_scores(
    y_true: ArrayLike, probabilities: ArrayLike, groups: ArrayLike, class_names: Sequence[str]
) -> tuple[GroupScore, ...]:
    """Judge each group by itself, in the order of their names.

    Parameters
    ----------
    y_true : (n,)
        Class indices.
    probabilities : (n, n_classes)
    groups : (n,)
        Subject, session or block of each window.
    class_names : (n_classes,)

    Raises
    ------
    ShapeError, LabelError, DtypeError, NotFiniteError, TooFewSamplesError
        The arrays do not belong together.

    Examples
    --------
    >>> rows = group_scores([0, 1], [[0.9, 0.1], [0.8, 0.2]], ["ann", "bob"], ["wave", "tap"])
    >>> [(row.group, row.accuracy) for row in rows]
    [('ann', 1.0), ('bob', 0.0)]
    """
    y, p = checked_pair(y_true, probabilities)
    members = np.asarray(groups)
    if members.shape != (len(y),):
        raise ShapeError("groups", got=members.shape, want=f"({len(y)},), one for each window")
    if len(class_names) != p.shape[1]:
        raise LabelError(f"{len(class_names)} class names for {p.shape[1]} columns of probabilities; want one for each")
    rows = [(str(group), members == group) for group in np.unique(members)]
    return tuple(_row(group, y[within], p[within]) for group, within in rows)


def _row(group: str, y: NDArray[np.int64], p: NDArray[np.float64]) -> GroupScore:
    from sklearn.metrics import f1_score

    said = p.argmax(axis=1)
    macro_f1 = float(f1_score(y, said, average="macro", zero_division=0))
    return GroupScore(group, len(y), float((said == y).mean()), macro_f1, expected_calibration_error(y, p))

"""A row for each person, session or block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import ShapeError
from motif.evaluation._inputs import checked_pair
from motif.evaluation._scores import score

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
    rows = []
    for group in np.unique(members):
        scores = score(y[members == group], p[members == group], class_names)
        rows.append(GroupScore(str(group), scores.n, scores.accuracy, scores.macro_f1, scores.ece))
    return tuple(rows)

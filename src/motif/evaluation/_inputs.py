"""What every figure here asks of its input."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import require_finite
from motif.errors import DtypeError, LabelError, ShapeError, TooFewSamplesError

SUM_TOLERANCE = 0.01
"""How far a row of probabilities may sum from 1: float16 and int8 outputs round."""


def checked_labels(name: str, y: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Return `y` as (n,) class indices, n ≥ 1, all within 0 … n_classes - 1."""
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise ShapeError(name, got=labels.shape, want="(n,)")
    if labels.size == 0:
        raise TooFewSamplesError(f"{name} is empty; a figure needs at least one window")
    if labels.dtype.kind not in "iu":
        raise DtypeError(name, got=labels.dtype, want="integers, the index of each window's class in class_names")
    strange = labels[(labels < 0) | (labels >= n_classes)]
    if strange.size:
        raise LabelError(f"{name} holds class {strange[0]}; there are {n_classes} classes, 0 … {n_classes - 1}")
    return labels.astype(np.int64)


def checked_matrix(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return finite (n, n_classes) numbers as float64."""
    matrix = np.asarray(values)
    if matrix.dtype.kind not in "fiu":
        raise DtypeError(name, got=matrix.dtype, want="numbers (float32 or float64)")
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise ShapeError(name, got=matrix.shape, want="(n, n_classes)")
    require_finite(name, matrix)
    return matrix.astype(np.float64)


def checked_probabilities(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return (n, n_classes) probabilities as they were given: scaling them to sum to 1 would break ties by rounding.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError
    LabelError
        A value is outside 0 … 1, or a row sums further than 0.01 from 1: these are scores, not probabilities.
    """
    matrix = checked_matrix("probabilities", probabilities)
    totals = matrix.sum(axis=1)
    bad = np.flatnonzero((matrix < 0).any(axis=1) | (np.abs(totals - 1) > SUM_TOLERANCE))
    if bad.size:
        raise LabelError(
            f"probabilities of window {bad[0]} are {np.array2string(matrix[bad[0]], precision=3, threshold=6)}, "
            f"which sum to {totals[bad[0]]:.3g}; want values in 0…1 that sum to 1: pass logits through softmax first"
        )
    return matrix


def checked_pair(y_true: ArrayLike, probabilities: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels (n,) and probabilities (n, n_classes) that belong together."""
    p = checked_probabilities(probabilities)
    y = checked_labels("y_true", y_true, p.shape[1])
    if len(y) != len(p):
        raise ShapeError("probabilities", got=p.shape, want=f"({len(y)}, n_classes), one row for each of y_true")
    return y, p

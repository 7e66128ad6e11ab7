"""Labels and groups of a training set, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import DtypeError, LabelError, NotFiniteError, ShapeError, TooFewSamplesError

__all__ = ["class_weights", "encoded", "one_per_window"]

MIN_WINDOWS = 2


def one_per_window(name: str, values: ArrayLike, n_windows: int) -> NDArray[Any]:
    """Return `values` as an array (n_windows,).

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
    """
    array = np.asarray(values)
    if array.shape != (n_windows,):
        raise ShapeError(name, got=array.shape, want=f"({n_windows},), one for each window")
    if array.dtype.kind not in "biufUO":
        raise DtypeError(name, got=array.dtype, want="numbers or texts")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        bad = np.flatnonzero(~np.isfinite(array))
        raise NotFiniteError(name, count=len(bad), first=(int(bad[0]),))
    return array


def encoded(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the sorted classes and the index of each label among them.

    Raises
    ------
    LabelError
        There is one class only, or labels of several types.
    TooFewSamplesError
        A class has a single window.
    """
    try:
        classes, indices, counts = np.unique(y, return_inverse=True, return_counts=True)
    except TypeError as error:
        raise LabelError(f"y mixes labels that cannot be compared ({error}); use texts or whole numbers") from error
    if len(classes) < 2:
        raise LabelError(f"y holds {len(classes)} class(es), {classes.tolist()}; want windows of two or more")
    if counts.min() < MIN_WINDOWS:
        rare = classes[counts < MIN_WINDOWS].tolist()
        raise TooFewSamplesError(
            f"classes {rare} have a single window; a network needs {MIN_WINDOWS} or more of each: "
            "record more, leave them out, or teach by example (motif.templates)"
        )
    return classes, indices.astype(np.int64)


def class_weights(y: NDArray[np.int64], n_classes: int, power: float) -> NDArray[np.float32]:
    """Return how much each window counts: its class' share of the windows to the power of −`power`, 1 on average."""
    share = np.bincount(y, minlength=n_classes).clip(1) / len(y)
    weight = share[y] ** -power
    return np.asarray(weight / weight.mean(), np.float32)

"""Labels of a training set: enough of each class, and how much each counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import TooFewSamplesError
from motif.recognizer import encoded_labels

__all__ = ["class_weights", "encoded"]

MIN_WINDOWS = 2


def encoded(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the sorted classes and the index of each label among them.

    Raises
    ------
    LabelError
        There is one class only, or labels of several types.
    TooFewSamplesError
        A class has a single window.
    """
    classes, indices = encoded_labels(y)
    counts = np.bincount(indices)
    if counts.min() < MIN_WINDOWS:
        rare = classes[counts < MIN_WINDOWS].tolist()
        raise TooFewSamplesError(
            f"classes {rare} have a single window; a network needs {MIN_WINDOWS} or more of each: "
            "record more, leave them out, or teach by example (motif.templates)"
        )
    return classes, indices


def class_weights(y: NDArray[np.int64], power: float) -> NDArray[np.float32]:
    """Return how much each window counts: its class' share of the windows to the power of −`power`, 1 on average."""
    weight = (np.bincount(y)[y] / len(y)) ** -power
    return np.asarray(weight / weight.mean(), np.float32)

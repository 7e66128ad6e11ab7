"""The recognizer that never looks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from motif.evaluation._inputs import checked_labels
from motif.evaluation._scores import Scores, score

__all__ = ["baseline_scores"]


def baseline_scores(y_train: ArrayLike, y_test: ArrayLike, class_names: Sequence[str]) -> Scores:
    """Judge the recognizer that never looks: it answers every window with the class frequencies of the training set.

    Any score that means something stands well above these.

    Raises
    ------
    LabelError, ShapeError, DtypeError, TooFewSamplesError
        The labels do not fit `class_names`.

    Examples
    --------
    >>> baseline_scores([0, 0, 1], [0, 1], ["rest", "wave"]).accuracy
    0.5
    """
    counts = np.bincount(checked_labels("y_train", y_train, len(class_names)), minlength=len(class_names))
    y = checked_labels("y_test", y_test, len(class_names))
    return score(y, np.tile(counts / counts.sum(), (len(y), 1)), class_names)

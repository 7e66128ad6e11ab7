"""Predictions against the truth: the confusion matrix and F1 of each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import LabelError, ShapeError, TooFewSamplesError
from motif.evaluation import score
from motif.tracking._record import Evaluation

__all__ = ["compared"]


def compared(y_true: ArrayLike, y_pred: ArrayLike, class_names: Sequence[str] | None) -> Evaluation:
    """Return how (n,) predictions compare with (n,) labels: class indices, or names of classes.

    Raises
    ------
    LabelError, ShapeError, TooFewSamplesError
        They do not fit together.
    """
    truth, said = np.asarray(y_true), np.asarray(y_pred)
    if truth.ndim != 1 or said.shape != truth.shape:
        raise ShapeError("y_pred", got=said.shape, want=f"(n,), as many as y_true, which has shape {truth.shape}")
    if not len(truth):
        raise TooFewSamplesError("y_true holds no label; want at least one to compare with")
    names = _names(truth, said) if class_names is None else [str(name) for name in class_names]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise LabelError(f"class_names holds {twice[0]!r} twice; give each class a name of its own")
    predicted = np.eye(len(names))[_indices("y_pred", said, names)]
    scores = score(_indices("y_true", truth, names), predicted, class_names=names)
    return Evaluation(
        class_names=names,
        confusion=scores.confusion.tolist(),
        f1={found.name: found.f1 for found in scores.per_class},
        accuracy=scores.accuracy,
        macro_f1=scores.macro_f1,
    )


def _names(truth: NDArray[np.generic], said: NDArray[np.generic]) -> list[str]:
    labels = np.union1d(truth, said)
    if labels.dtype.kind in "iu":
        labels = np.arange(labels.max() + 1)
    return [str(label) for label in labels]


def _indices(what: str, labels: NDArray[np.generic], names: list[str]) -> NDArray[np.int64]:
    """Return the place of each label among the names."""
    if labels.dtype.kind in "iub":
        indices = labels.astype(np.int64)
        if indices.min() < 0 or indices.max() >= len(names):
            wrong = indices[(indices < 0) | (indices >= len(names))][0]
            raise LabelError(f"{what} holds class {wrong}; class_names has {len(names)}, so want 0 … {len(names) - 1}")
        return indices
    places = {name: place for place, name in enumerate(names)}
    texts = [str(label) for label in labels]
    if unknown := sorted(set(texts) - set(places)):
        raise LabelError(f"{what} holds {unknown[0]!r}, which class_names lacks; there are {', '.join(names)}")
    return np.array([places[text] for text in texts], np.int64)

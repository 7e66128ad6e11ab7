"""The contract every recognizer keeps: windows in, `Prediction` out.

A recognizer is a scikit-learn classifier (`fit`, `predict`, `predict_proba`, `classes_`, `get_params`) that also takes
one window at a time (`recognize`) and travels through a bundle (`save`, `load`). No clock, thread or socket inside, and
no trace of the batch: a window gets the same answer alone, among others and in a replay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_numbers, require_finite
from motif.errors import DtypeError, InputError, LabelError, ShapeError

__all__ = [
    "Prediction",
    "RecognizeMixin",
    "Recognizer",
    "checked_labels",
    "checked_windows",
    "encoded_labels",
    "finite_probabilities",
    "taught_windows",
]

_LARGEST = 1e16
"""Squares of more do not add up in float32, and one such number spoils what is learnt of all others."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a recognizer says of one window."""

    label: Any
    """The most probable class, as it stands in `classes_`."""
    probabilities: NDArray[np.float32]
    """(n_classes,), sums to 1, in the order of `classes_`."""
    confidence: float
    """Probability of `label`, 0…1."""
    uncertainty: float
    """Entropy of `probabilities` over its largest possible value, 0 (sure) … 1 (no idea)."""
    is_outlier: bool = False
    """The window looks like nothing the recognizer was taught."""


@runtime_checkable
class Recognizer(Protocol):
    """Windows in, predictions out."""

    classes_: NDArray[Any]

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Recognizer:
        """Learn from windows `X` (n, …) with labels `y` (n,); `groups` (n,) keeps subjects or sessions together."""
        ...

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each window, (n,)."""
        ...

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return (n, n_classes) probabilities."""
        ...

    def recognize(self, window: ArrayLike) -> Prediction:
        """Return what is said of one window."""
        ...

    def save(self, path: str | Path) -> Path:
        """Write a bundle that `load` and `motif.bundles.load` read."""
        ...


class RecognizeMixin:
    """`predict` and `recognize` for anything with `classes_` and `predict_proba`."""

    classes_: NDArray[Any]
    outlier_confidence_: float = 0.0
    """A window whose best probability is below this is called an outlier."""

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return (n, n_classes) probabilities."""
        raise TypeError(f"{type(self).__name__} must define predict_proba")

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each window, (n,)."""
        best = self.predict_proba(X).argmax(axis=1)  # first: it says so where there was no fit
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def recognize(self, window: ArrayLike) -> Prediction:
        """Return what is said of one window, of the shape of one row of the `X` that was fitted."""
        return self._prediction(self.predict_proba(np.asarray(window)[None])[0])

    def _prediction(self, probabilities: NDArray[np.float32], is_outlier: bool | None = None) -> Prediction:
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        return Prediction(
            label=self.classes_[best],
            probabilities=probabilities,
            confidence=confidence,
            uncertainty=_normalized_entropy(probabilities),
            is_outlier=confidence < self.outlier_confidence_ if is_outlier is None else is_outlier,
        )


def _normalized_entropy(probabilities: NDArray[np.float32]) -> float:
    if probabilities.size < 2:
        return 0.0
    entropy: float = -sum(p * math.log(p) for p in probabilities.tolist() if p > 0.0)  # NumPy would take longer
    return min(max(entropy / math.log(probabilities.size), 0.0), 1.0)


def finite_probabilities(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities (n, n_classes) with equal ones where a network could not compute with numbers so large."""
    if math.isfinite(probabilities.sum()):
        return probabilities
    known = np.isfinite(probabilities).all(axis=1, keepdims=True)
    return np.where(known, probabilities, np.float32(1 / probabilities.shape[1]))


def checked_windows(X: ArrayLike, *, window_shape: tuple[int, ...] | None = None) -> NDArray[np.float32]:
    """Return `X` as float32 windows, or say what is wrong with it.

    Parameters
    ----------
    X : (n, frames, features) or (n, channels, sensors, samples)
        Numbers, all finite.
    window_shape : optional
        The shape every window must have, where a recognizer was fitted already.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError
    InputError
        Its parts differ in length.
    """
    array = as_numbers(X, "X")
    want = "(n, frames, features) or (n, channels, sensors, samples)"
    if window_shape is not None:
        want = f"(n, {', '.join(map(str, window_shape))})"
    if array.ndim not in (3, 4) or 0 in array.shape[1:] or (window_shape and array.shape[1:] != window_shape):
        raise ShapeError("X", got=array.shape, want=want)
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is named below
        windows = np.ascontiguousarray(array, dtype=np.float32)
    require_finite("X", windows)
    return windows


def taught_windows(X: ArrayLike, *, window_shape: tuple[int, ...] | None = None) -> NDArray[np.float32]:
    """Return `X` as float32 windows to learn from; as `checked_windows`.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError
    InputError
        Its parts differ in length, or a window holds a number no sensor gives.
    """
    windows = checked_windows(X, window_shape=window_shape)
    largest = np.abs(windows).max(axis=tuple(range(1, windows.ndim)))
    if (largest > _LARGEST).any():
        at = int(largest.argmax())
        raise InputError(
            f"window {at} holds a value of size {largest[at]:.3g}; want {_LARGEST:g} at most: leave that window out"
        )
    return windows


def checked_labels(name: str, values: ArrayLike, n_windows: int) -> NDArray[Any]:
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
    if array.dtype.kind == "f":
        require_finite(name, array)
    return array


def encoded_labels(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the sorted classes and the index of each label among them.

    Raises
    ------
    LabelError
        There is one class only, or labels of several types.
    """
    try:
        classes, indices = np.unique(y, return_inverse=True)
    except TypeError as error:
        raise LabelError(f"y mixes labels that cannot be compared ({error}); use texts or whole numbers") from error
    if len(classes) < 2:
        raise LabelError(f"y holds {len(classes)} class(es), {classes.tolist()}; want windows of two or more")
    return classes, indices.astype(np.int64)

"""Simple recognizers to stand beside: what a day's work with scikit-learn gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["feature_lda", "nearest_neighbour", "window_statistics"]


def nearest_neighbour() -> Any:
    """Return a scikit-learn pipeline: the class of the nearest training window, each value standardized."""
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return make_pipeline(FunctionTransformer(_flat), StandardScaler(), KNeighborsClassifier(n_neighbors=1))


def feature_lda() -> Any:
    """Return a scikit-learn pipeline: `window_statistics`, then linear discriminant analysis with shrinkage."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    return make_pipeline(FunctionTransformer(window_statistics), StandardScaler(), lda)


def window_statistics(X: ArrayLike) -> NDArray[np.float64]:
    """Return mean, deviation, smallest, largest, quartiles and mean step of each signal.

    Parameters
    ----------
    X : (n, frames, features) or (n, channels, sensors, samples)
        Windows; time is axis 1 of the former and the last of the latter.

    Returns
    -------
    (n, 7 · signals)
        In the order of the sentence above.
    """
    windows = np.asarray(X, dtype=np.float64)
    signals = np.moveaxis(windows, 1, -1) if windows.ndim == 3 else windows
    signals = signals.reshape(len(signals), -1, signals.shape[-1])
    step = np.abs(np.diff(signals, axis=-1, prepend=signals[..., :1])).mean(axis=-1)
    low, high = np.quantile(signals, [0.25, 0.75], axis=-1)
    mean, deviation = signals.mean(axis=-1), signals.std(axis=-1)
    return np.concatenate([mean, deviation, signals.min(axis=-1), signals.max(axis=-1), low, high, step], axis=1)


def _flat(X: ArrayLike) -> NDArray[np.float64]:
    windows = np.asarray(X, dtype=np.float64)
    return windows.reshape(len(windows), -1)

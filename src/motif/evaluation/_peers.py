"""Simple recognizers to stand beside: what a day's work with scikit-learn gives."""

from __future__ import annotations

from collections.abc import Sequence
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


def feature_lda(channels: Sequence[str] | None = None, rate_hz: float | None = None) -> Any:
    """Return a scikit-learn pipeline: hand-made features, then linear discriminant analysis with shrinkage.

    Parameters
    ----------
    channels, rate_hz : optional
        Of inertial windows: the features are then `motif.signals.features`; without them `window_statistics`.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    if channels is None or rate_hz is None:
        describe = FunctionTransformer(window_statistics)
    else:
        from motif.signals import features

        describe = FunctionTransformer(features, kw_args={"channels": tuple(channels), "rate_hz": rate_hz})
    return make_pipeline(describe, StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"))


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

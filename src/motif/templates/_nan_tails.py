"""Gestures of different lengths in windows of one length."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.recognizer import checked_windows

__all__ = ["stretched"]


def stretched(X: ArrayLike) -> NDArray[np.float32]:
    """Return windows without their tails of NaN, each stretched over the whole length.

    Parameters
    ----------
    X : (n, channels, samples) or (n, channels, sensors, samples)
        A gesture shorter than the window ends where all its channels are NaN until the end.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError
        NaN stands elsewhere than in a tail, or a window is NaN from its start.
    """
    array = np.asarray(X)
    if array.dtype.kind != "f" or array.ndim not in (3, 4):
        return checked_windows(X)
    windows = array.astype(np.float32)
    n, n_samples = len(windows), windows.shape[-1]
    missing: NDArray[np.bool_] = np.asarray(np.isnan(windows).reshape(n, -1, n_samples).all(axis=1))
    lengths = n_samples - np.logical_and.accumulate(missing[:, ::-1], axis=1).sum(axis=1)
    for window, length in zip(windows, lengths, strict=True):
        if 0 < length < n_samples:
            _stretch(window, int(length))
    return checked_windows(windows)


def _stretch(window: NDArray[np.float32], length: int) -> None:
    n_samples = window.shape[-1]
    place = np.linspace(0.0, length - 1.0, n_samples)
    before = np.minimum(place.astype(np.intp), max(length - 2, 0))
    after = np.minimum(before + 1, length - 1)
    part = (place - before).astype(np.float32)
    window[...] = window[..., before] + part * (window[..., after] - window[..., before])

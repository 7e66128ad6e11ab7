"""Windows: the fixed pieces that a recognizer sees."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from pydantic import ConfigDict, PositiveFloat, model_validator
from pydantic.dataclasses import dataclass

from motif.checks import require_count, require_positive
from motif.errors import ConfigError, DtypeError, ShapeError, TooFewSamplesError

__all__ = ["WindowConfig", "window_labels", "window_starts", "windows"]


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", use_attribute_docstrings=True))
class WindowConfig:
    """How a stream is cut into windows."""

    length_s: PositiveFloat = 1.0
    """Length of one window, in seconds."""
    hop_s: PositiveFloat = 0.1
    """Time between two window starts, in seconds."""

    @model_validator(mode="after")
    def _every_sample_is_seen(self) -> Self:
        if self.hop_s > self.length_s:
            raise ValueError(f"hop_s={self.hop_s} would skip samples; keep it within length_s={self.length_s}")
        return self

    def in_samples(self, rate_hz: float) -> tuple[int, int]:
        """Return length and hop in whole samples, at least one each.

        Examples
        --------
        >>> WindowConfig(length_s=1.25, hop_s=0.5).in_samples(100)
        (125, 50)
        """
        require_positive("rate_hz", rate_hz)
        return max(1, round(self.length_s * rate_hz)), max(1, round(self.hop_s * rate_hz))


def window_starts(n_samples: int, length: int, hop: int) -> NDArray[np.int64]:
    """Return the first sample of each window that fits whole.

    Raises
    ------
    ConfigError
        `length` or `hop` is below 1.
    TooFewSamplesError
        Not one window fits.

    Examples
    --------
    >>> window_starts(10, length=4, hop=3)
    array([0, 3, 6])
    """
    require_count("length", length)
    require_count("hop", hop)
    if n_samples < length:
        raise TooFewSamplesError(
            f"{n_samples} samples do not fill a window of {length}; record longer or take shorter windows"
        )
    return np.arange(0, n_samples - length + 1, hop, dtype=np.int64)


def windows(values: ArrayLike, length: int, hop: int) -> NDArray[np.generic]:
    """Return all windows that fit whole, as a read-only view: no sample is copied.

    Parameters
    ----------
    values : (n_samples, n_channels) or (n_samples,)
    length, hop : int
        In samples; window i covers `values[i * hop : i * hop + length]`, see `window_starts`.

    Returns
    -------
    (n_windows, length, n_channels) or (n_windows, length)
        Shares memory with `values`.

    Raises
    ------
    ShapeError, ConfigError, TooFewSamplesError
        Another shape, a length or hop below 1, or not one window fits.

    Examples
    --------
    >>> windows(np.arange(5), length=3, hop=2)
    array([[0, 1, 2],
           [2, 3, 4]])
    """
    array = np.asarray(values)
    if array.ndim not in (1, 2):
        raise ShapeError("values", got=array.shape, want="(n_samples, n_channels) or (n_samples,)")
    window_starts(len(array), length, hop)
    view = sliding_window_view(array, length, axis=0)[::hop]
    return np.moveaxis(view, -1, 1)


def window_labels(
    labels: ArrayLike, length: int, hop: int, *, min_share: float = 0.5, mixed: int = -1
) -> NDArray[np.int64]:
    """Return the label that most samples of each window carry.

    Parameters
    ----------
    labels : (n_samples,), int
        A label for each sample; one that carries `mixed` has none.
    length, hop : int
        As in `windows`.
    min_share : float in (0, 1]
        The share of a window that its label must hold; 1 asks for windows of one label only.
    mixed : int
        What a window gets in which no label holds that share.

    Returns
    -------
    (n_windows,), int64
        Of labels that hold equal shares the lowest wins.

    Raises
    ------
    ShapeError, DtypeError, ConfigError, TooFewSamplesError
        Another shape, labels that are not whole numbers, a setting that cannot be, or not one window fits.

    Examples
    --------
    >>> window_labels([0, 0, 0, 1, 1, 1], length=3, hop=1, min_share=0.7)
    array([ 0, -1, -1,  1])
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ShapeError("labels", got=array.shape, want="(n_samples,)")
    if array.dtype.kind not in "iub":
        raise DtypeError("labels", got=array.dtype, want="int64")
    if not 0 < min_share <= 1:
        raise ConfigError(f"min_share={min_share} cannot be; give a share above 0 and up to 1")
    starts = window_starts(len(array), length, hop)
    best = np.full(len(starts), mixed, dtype=np.int64)
    most = np.zeros(len(starts), dtype=np.int64)
    for label in np.setdiff1d(array, mixed):
        before = np.concatenate([[0], np.cumsum(array == label)])
        count = before[starts + length] - before[starts]
        wins = (count > most) & (count / length >= min_share)  # 0.55 · 100 is above 55
        best[wins], most[wins] = label, count[wins]
    return best

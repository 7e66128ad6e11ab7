"""Gaps: where they are, and closing the short ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_columns, require_count
from motif.errors import DtypeError, ShapeError

__all__ = ["fill_gaps", "incomplete", "stretches"]


def stretches(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where runs of True begin and end.

    Parameters
    ----------
    mask : (n_samples,), bool

    Returns
    -------
    (n_stretches, 2), int64
        Start and stop of each run, the stop excluded: `values[start:stop]`.

    Examples
    --------
    >>> stretches(np.array([False, True, True, False, True]))
    array([[1, 3],
           [4, 5]])
    """
    mask = np.asarray(mask)
    if mask.dtype != np.bool_:
        raise DtypeError("mask", got=mask.dtype, want="bool")
    if mask.ndim != 1:
        raise ShapeError("mask", got=mask.shape, want="(n_samples,)")
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges.reshape(-1, 2).astype(np.int64)


def incomplete(columns: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (n_samples,) True where at least one channel is NaN."""
    return np.asarray(np.isnan(columns).any(axis=1), dtype=np.bool_)


def fill_gaps(values: ArrayLike, *, max_samples: int) -> NDArray[np.float64]:
    """Close short gaps along a straight line; leave long ones, and those at either end, as NaN.

    Parameters
    ----------
    values : (n_samples, n_channels) or (n_samples,)
        Evenly sampled; NaN marks a gap, in each channel for itself.
    max_samples : int
        The longest run of NaN to fill. A few hundredths of a second is honest for human motion.

    Returns
    -------
    same shape, float64
        A new array.

    Raises
    ------
    ConfigError
        `max_samples` is below 1.

    Examples
    --------
    >>> fill_gaps([1.0, np.nan, 3.0, np.nan, np.nan, 6.0], max_samples=1)
    array([ 1.,  2.,  3., nan, nan,  6.])
    """
    require_count("max_samples", max_samples)
    columns = as_columns(values)
    for channel in columns.T:
        missing = np.isnan(channel)
        for start, stop in stretches(missing):
            if start > 0 and stop < len(channel) and stop - start <= max_samples:
                line = np.linspace(channel[start - 1], channel[stop], stop - start + 2)
                channel[start:stop] = line[1:-1]
    return columns.reshape(np.shape(values))

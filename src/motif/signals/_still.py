"""Where nothing moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_columns, require_positive
from motif.signals._gaps import incomplete, stretches

__all__ = ["still_stretches"]


def still_stretches(
    values: ArrayLike, rate_hz: float, *, max_deviation: float, min_s: float = 1.0
) -> NDArray[np.int64]:
    """Return where a sensor lies still: all windows of `min_s` in which no channel deviates, joined if they overlap.

    Parameters
    ----------
    values : (n_samples, n_channels) or (n_samples,)
        Evenly sampled; a window with NaN is not still.
    rate_hz : float
    max_deviation : float
        The largest standard deviation inside a window, in the unit of `values`. For phones on a table 0.02 rad/s
        and 0.1 m/s² are ample.
    min_s : float
        Length of the window, so the shortest rest that is found.

    Returns
    -------
    (n_stretches, 2), int64
        Start and stop of each, the stop excluded.

    Raises
    ------
    ConfigError
        A setting is not above 0.

    Examples
    --------
    >>> still_stretches([0, 0, 0, 0, 9, 1, 7, 2, 2, 2], rate_hz=1, max_deviation=0.1, min_s=3)
    array([[ 0,  4],
           [ 7, 10]])
    """
    columns = as_columns(values)
    require_positive("rate_hz", rate_hz)
    require_positive("max_deviation", max_deviation)
    require_positive("min_s", min_s)
    length = max(2, round(min_s * rate_hz))
    if len(columns) < length:
        return np.empty((0, 2), dtype=np.int64)
    known = ~incomplete(columns)
    whole = _window_sums(known[:, None].astype(np.float64), length)[:, 0] == length
    centred = np.where(known[:, None], columns - np.nan_to_num(columns).mean(axis=0), 0.0)  # keeps the sums small
    mean = _window_sums(centred, length) / length
    variance = _window_sums(centred**2, length) / length - mean**2
    still = whole & (variance <= max_deviation**2).all(axis=1)
    starts = np.flatnonzero(still)
    change = np.zeros(len(columns) + 1, dtype=np.int64)
    change[starts + 1] += 1  # each still window ties its samples to the one before, but not its first
    change[starts + length] -= 1
    tied = stretches(np.cumsum(change)[:-1] > 0)
    tied[:, 0] -= 1
    return tied


def _window_sums(columns: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    total = np.vstack([np.zeros(columns.shape[1]), np.cumsum(columns, axis=0)])
    return np.asarray(total[length:] - total[:-length], dtype=np.float64)

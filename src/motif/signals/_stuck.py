"""Where a sensor repeats itself to the digit, which nothing that is alive or shaken does for long."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_columns, as_time
from motif.signals._gaps import stretches

__all__ = ["stuck_stretches"]

_LONG_S = 10.0
_MOMENT_S = 1.0
_FEWEST_SAMPLES = 50
_FINE = 500
"""Different values of an axis from here on: counts of 8 bits have 256 at most."""


def stuck_stretches(values: ArrayLike, time_ns: ArrayLike) -> NDArray[np.int64]:
    """Return where all axes of a sensor stand at one value as they would not if it only lay still.

    A sensor's noise moves its last digits even on a table, unless its steps are wider than its noise. So a stretch
    counts that lasts 10 s and 50 samples or longer, and only if

    - all axes repeat their values exactly, without a NaN or a second that was not recorded;
    - 10 s or more remain, in which the sensor never stands for a second: one that lies still at times does that often;
    - an axis has 500 different values there or more. Of coarser sensors (8 bits) rest and being stuck cannot be told
      apart, and nothing is said.

    Parameters
    ----------
    values : (n_samples, n_axes)
        Of one sensor, as it was recorded: on another grid equal values are no longer equal.
    time_ns : (n_samples,), int

    Returns
    -------
    (n_stretches, 2), int64
        Start and stop of each, the stop excluded.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(3000, 3))
    >>> values[1000:2200] = values[1000]
    >>> stuck_stretches(values, np.arange(3000) * 20_000_000)
    array([[1000, 2200]])
    """
    columns = as_columns(values)
    time_s = as_time(time_ns, len(columns)) / 1e9
    if len(columns) < _FEWEST_SAMPLES:
        return np.empty((0, 2), np.int64)
    is_same = (np.diff(columns, axis=0) == 0).all(axis=1) & (np.diff(time_s) < _MOMENT_S)
    held = stretches(is_same)
    held[:, 1] += 1
    lasting_s = time_s[held[:, 1] - 1] - time_s[held[:, 0]]
    long = (lasting_s >= _LONG_S) & (held[:, 1] - held[:, 0] >= _FEWEST_SAMPLES)
    if not long.any():
        return held[long]
    rest = np.ones(len(columns), dtype=bool)
    for start, stop in held[long]:
        rest[start:stop] = False
    remaining_s = rest.sum() * float(np.median(np.diff(time_s)))
    stands_elsewhere = bool((lasting_s[~long] >= _MOMENT_S).any())
    is_fine = max(len(np.unique(axis[np.isfinite(axis)])) for axis in columns[rest].T) >= _FINE
    return held[long & (is_fine and remaining_s >= _LONG_S and not stands_elsewhere)]

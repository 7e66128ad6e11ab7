"""The bias of a gyroscope, and how it wanders: what it reads while it lies still."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_vectors, require_positive
from motif.errors import TooFewSamplesError
from motif.signals._still import still_stretches

__all__ = ["remove_drift", "rest_bias"]

_PIECE_S = 10.0  # a bias wanders over minutes: one knot for each such piece of a rest


def rest_bias(
    angular_rate: ArrayLike,
    rate_hz: float,
    *,
    max_deviation: float = 0.02,
    min_s: float = 1.0,
    max_bias: float = 0.2,
) -> NDArray[np.float64]:
    """Return what a gyroscope reads at rest.

    Parameters
    ----------
    angular_rate : (n_samples, 3), rad/s
        Evenly sampled; NaN marks a gap.
    rate_hz : float
    max_deviation : float, rad/s
    min_s : float
        What counts as still, see `still_stretches`.
    max_bias : float, rad/s
        A steady reading beyond this is a steady turn, no bias: such a stretch is left out.

    Returns
    -------
    (3,), rad/s
        The mean over all still samples.

    Raises
    ------
    ShapeError, ConfigError
        Another shape, a setting that is not above 0.
    TooFewSamplesError
        The sensor was never still.

    Examples
    --------
    >>> rest_bias(np.tile([0.01, 0.0, -0.02], (200, 1)), 100).round(3)
    array([ 0.01,  0.  , -0.02])
    """
    rate, still = _rests(angular_rate, rate_hz, max_deviation, min_s, max_bias)
    samples = np.concatenate([rate[start:stop] for start, stop in still])
    return np.asarray(samples.mean(axis=0), dtype=np.float64)


def remove_drift(
    angular_rate: ArrayLike,
    rate_hz: float,
    *,
    max_deviation: float = 0.02,
    min_s: float = 1.0,
    max_bias: float = 0.2,
) -> NDArray[np.float64]:
    """Subtract a slowly wandering bias from a gyroscope, known at its rests and drawn in straight lines between them.

    Parameters are those of `rest_bias`, and so are the errors. Before the first rest and after the last one the
    bias is that of the nearest; with one short rest it is constant.

    Returns
    -------
    (n_samples, 3), rad/s
        A new array; NaN where `angular_rate` has it.

    Examples
    --------
    >>> drifting = np.linspace(0.0, 0.01, 6000)[:, None] * [1.0, 0.0, -1.0]
    >>> bool(abs(remove_drift(drifting, 100)).max() < 1e-3)
    True
    """
    rate, still = _rests(angular_rate, rate_hz, max_deviation, min_s, max_bias)
    pieces = [
        piece
        for start, stop in still
        for piece in np.array_split(np.arange(start, stop), max(1, round((stop - start) / (_PIECE_S * rate_hz))))
    ]
    middles = [piece.mean() for piece in pieces]
    levels = np.array([rate[piece].mean(axis=0) for piece in pieces])
    bias = [np.interp(np.arange(len(rate)), middles, level) for level in levels.T]
    return np.asarray(rate - np.column_stack(bias), dtype=np.float64)


def _rests(
    angular_rate: ArrayLike, rate_hz: float, max_deviation: float, min_s: float, max_bias: float
) -> tuple[NDArray[np.float64], list[tuple[int, int]]]:
    rate = as_vectors(angular_rate, "angular_rate")
    require_positive("max_bias", max_bias)
    found = still_stretches(rate, rate_hz, max_deviation=max_deviation, min_s=min_s)
    still = [(start, stop) for start, stop in found.tolist() if abs(rate[start:stop].mean(axis=0)).max() <= max_bias]
    if not still:
        raise TooFewSamplesError(
            f"the sensor was never still for {min_s} s (within {max_deviation} rad/s); "
            "lay it down for a few seconds, or raise max_deviation"
        )
    return rate, still

"""What two streams must be before they can be compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior._synchrony._statistics import MEASURES
from motif.checks import require_finite
from motif.errors import ConfigError, DtypeError, InputError, ShapeError, TooFewSamplesError

__all__ = ["checked_band", "checked_measures", "checked_pair", "checked_samples", "without_trends"]

Array = NDArray[np.float64]

_TREND = 0.25
"""Share of the variance that a straight line explains of a channel which rises or falls throughout."""


def checked_pair(a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    """Return both as (n, channels), each in a unit in which it is of order one."""
    first, second = _checked("a", a), _checked("b", b)
    if first.shape != second.shape:
        want = f"{first.shape}, as a: at the same times, the same channels (motif.behavior.pair_recordings makes it so)"
        raise ShapeError("b", got=second.shape, want=want)
    return first, second


def _checked(name: str, stream: ArrayLike) -> Array:
    values = np.asarray(stream)
    if values.dtype.kind not in "fiu":
        raise DtypeError(name, got=values.dtype, want="numbers")
    if values.ndim not in (1, 2) or 0 in values.shape:
        raise ShapeError(name, got=values.shape, want="(n,) or (n, channels)")
    columns = values.astype(np.float64).reshape(len(values), -1)
    require_finite(name, columns)
    columns = _of_order_one(columns)
    constant = np.flatnonzero(np.ptp(columns, axis=0) == 0)
    if constant.size:
        raise InputError(f"{name} is constant in channel {constant[0]}: nothing moves there; leave that channel out")
    return columns


def _of_order_one(columns: Array) -> Array:
    """Return the stream times a power of two: no digit changes, and no square of it is too large or too small."""
    _, exponent = np.frexp(np.abs(columns).max())
    return np.asarray(np.ldexp(columns, -exponent))


def without_trends(a: Array, b: Array) -> tuple[Array, Array, bool]:
    """Return both (n, channels) less the straight line of each channel in which both have a trend, and whether any has.

    Two that rise all the while look alike in every window, whatever made them rise; surrogates do not.

    Raises
    ------
    InputError
        Nothing is left of a channel.
    """
    time = np.arange(len(a)) - (len(a) - 1) / 2.0
    time /= np.linalg.norm(time)
    centred = [x - x.mean(axis=0) for x in (a, b)]
    slopes = [time @ x for x in centred]
    shares = np.array(
        [slope**2 / np.maximum((x**2).sum(axis=0), 1e-300) for slope, x in zip(slopes, centred, strict=True)]
    )
    trend = (shares > _TREND).all(axis=0)
    for name, straight in zip("ab", trend & (shares > 1.0 - 1e-12), strict=True):
        if straight.any():
            raise InputError(f"{name} is a straight line in channel {straight.argmax()}: leave that channel out")
    first, second = (x - np.outer(time, slope * trend) for x, slope in zip((a, b), slopes, strict=True))
    return first, second, bool(trend.any())


def checked_measures(measures: str | Sequence[str]) -> tuple[str, ...]:
    """Return each measure once; a name alone is one measure."""
    wanted = (measures,) if isinstance(measures, str) else tuple(measures)
    if not wanted or any(name not in MEASURES for name in wanted):
        raise ConfigError(f"measures is {list(wanted)}; want some of {', '.join(MEASURES)}")
    return tuple(dict.fromkeys(wanted))


def checked_samples(rate_hz: float, window_s: float, max_lag_s: float, n: int) -> tuple[int, int]:
    """Return the window and the largest lag in samples."""
    positive = rate_hz > 0 and window_s > 0 and max_lag_s > 0
    if not (positive and max(window_s, max_lag_s) * rate_hz < np.inf):
        raise ConfigError(f"rate_hz={rate_hz}, window_s={window_s}, max_lag_s={max_lag_s}; want finite ones above 0")
    window, max_lag = round(window_s * rate_hz), max(round(max_lag_s * rate_hz), 1)
    if window < 8 or n < 3 * (window + max_lag):
        raise TooFewSamplesError(
            f"{n / rate_hz:.3g} s hold no three windows of {window_s:g} s with lags to {max_lag_s:g} s; "
            "record longer, or ask for shorter windows or lags"
        )
    return window, max_lag


def checked_band(band_hz: tuple[float, float] | None, rate_hz: float, window_s: float) -> tuple[float, float]:
    """Return the band, by default from two cycles a window to a tenth of the rate."""
    low, high = band_hz or (2.0 / window_s, rate_hz / 10.0)
    if not 0.0 < low < high < rate_hz / 2.0:
        raise ConfigError(f"band_hz is {(low, high)}; want two rising frequencies between 0 and {rate_hz / 2} Hz")
    return low, high

"""Two devices, two clocks: how one runs against the other, from the motion they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior._synchrony._checks import checked_pair, checked_samples
from motif.behavior._synchrony._correlation import lagged_correlation
from motif.behavior._synchrony._lead import peak_place
from motif.errors import ConfigError

__all__ = ["Drift", "clock_drift"]

Array = NDArray[np.float64]

_PARTS = 10
"""The error is estimated by leaving out a tenth of the windows, ten times."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How the clock of b runs against that of a."""

    ppm: float
    """Parts in a million by which b's clock runs fast; 50 are 0.18 s in an hour."""
    error_ppm: float
    """Standard error, from leaving out a tenth of the recording at a time."""
    lag_s: float
    """How much later b does what a does at the beginning: offset of the clocks and real lag cannot be told apart."""
    shift_s: float
    """What the drift adds up to over the recording."""
    resolution_s: float
    """Shifts below half a sample cannot be seen and are left alone."""
    limit_ppm: float
    """The steepest that was looked for."""

    @property
    def is_certain(self) -> bool:
        """Whether it is three standard errors from none and from the steepest possible, and makes a difference."""
        margin = 3.0 * self.error_ppm
        return margin < abs(self.ppm) < self.limit_ppm - margin and abs(self.shift_s) > 0.5 * self.resolution_s

    def undo(self, b: ArrayLike) -> Array:
        """Return `b` (n, channels) as a's clock would have timed it; unchanged where the drift is not certain."""
        values = np.asarray(b, np.float64)
        if not self.is_certain:
            return values
        columns = values.reshape(len(values), -1)
        places = np.arange(len(values)) * (1.0 + self.ppm * 1e-6)
        straight = [np.interp(places, np.arange(len(values)), column) for column in columns.T]
        return np.stack(straight, axis=1).reshape(values.shape)


def clock_drift(
    a: ArrayLike,
    b: ArrayLike,
    rate_hz: float,
    *,
    window_s: float = 30.0,
    max_lag_s: float = 2.5,
    max_ppm: float = 300.0,
) -> Drift:
    """Find the steady change of the lag over the recording.

    In the picture of correlations, windows × lags, drift is a slanted line: of all lines up to `max_ppm` steep the one
    along which the correlation is largest. A lag of people that comes and goes does not lie on a line and widens the
    error instead.

    Parameters
    ----------
    a, b : (n,) or (n, channels)
        By their own clocks, at the same nominal times.
    rate_hz : float
    window_s, max_lag_s : float
        As for `synchrony`; the drift over all of the recording must stay within the largest lag.
    max_ppm : float
        Quartz crystals are within 100 of each other.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError, InputError, TooFewSamplesError, ConfigError

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> time_s = np.arange(60_000) / 100
    >>> motion = np.convolve(rng.normal(size=60_100), np.ones(25) / 25, "same")[:60_000]
    >>> fast = np.interp(time_s * (1 - 80e-6), time_s, motion)  # 80 parts in a million more ticks for the same motion
    >>> round(clock_drift(motion, fast, rate_hz=100.0).ppm, -1)
    80.0
    """
    if not max_ppm > 0:
        raise ConfigError(f"max_ppm is {max_ppm}; want parts in a million, above 0")
    first, second = checked_pair(a, b)
    window, max_lag = checked_samples(rate_hz, window_s, max_lag_s, len(first))
    lagged = lagged_correlation(
        first, second, window=window, hop=window // 2, max_lag=max_lag, turns=np.zeros(1, np.int64)
    )
    picture = (lagged.windows**2).mean(axis=2)  # squares: channels cannot cancel each other
    middle = lagged.starts - lagged.starts.mean()  # so that an error of the slope is none of the lag
    slopes = _slopes(max_ppm * 1e-6, len(first), max_lag)
    parts = np.array_split(np.arange(len(picture)), min(_PARTS, len(picture)))
    evidence = [_evidence(picture[part], middle[part], slopes) for part in parts]
    total = np.sum(evidence, axis=0)
    slope, lag = _fitted(picture, middle, *_line(total, slopes))
    own = np.empty(len(parts))
    for i, part in enumerate(parts):
        kept = np.delete(np.arange(len(picture)), part)
        own[i] = _fitted(picture[kept], middle[kept], *_line(total - evidence[i], slopes))[0]
    error = np.sqrt((len(own) - 1) / len(own) * ((own - own.mean()) ** 2).sum())
    return Drift(
        ppm=float(slope * 1e6),
        error_ppm=float(error * 1e6),
        lag_s=float(lag - max_lag - slope * lagged.starts.mean()) / rate_hz,
        shift_s=float(slope * len(first) / rate_hz),
        resolution_s=1.0 / rate_hz,
        limit_ppm=float(slopes[-1] * 1e6),
    )


def _slopes(steepest: float, n: int, max_lag: int) -> Array:
    """Return slopes that differ by half a sample at the ends, as far as the lags reach."""
    reach = min(steepest, max_lag / n)
    steps = max(int(np.ceil(reach * n)), 1)
    return np.linspace(-reach, reach, 2 * steps + 1)


def _evidence(picture: Array, middle: Array, slopes: Array) -> Array:
    """Return (slopes, lags): squared correlations (windows, lags) added up along every line."""
    lags = np.arange(picture.shape[1])
    total = np.zeros((len(slopes), len(lags)))
    for place, row in zip(middle, picture, strict=True):
        total += [np.interp(lags + slope * place, lags, row) for slope in slopes]
    return total


def _line(evidence: Array, slopes: Array) -> tuple[float, float]:
    """Return slope and place in the middle of the line with most evidence."""
    best, place = np.unravel_index(evidence.argmax(), evidence.shape)
    return float(slopes[best]), float(place)


def _fitted(picture: Array, middle: Array, slope: float, place: float) -> tuple[float, float]:
    """Return the line again, through the peak that each window has near it: finer than the lines that were tried."""
    reach = min(max(picture.shape[1] // 40, 3), picture.shape[1] // 2)
    near = np.clip(np.rint(place + slope * middle).astype(int), reach, picture.shape[1] - reach - 1)
    pieces = np.stack([row[at - reach : at + reach + 1] for at, row in zip(near, picture, strict=True)])
    inside = (pieces.argmax(axis=1) > 0) & (pieces.argmax(axis=1) < 2 * reach)
    if inside.sum() < 3:
        return slope, place
    peaks = np.array([peak_place(piece) for piece in pieces]) + near - reach
    fitted, at = np.polyfit(middle[inside], peaks[inside], 1, w=pieces.max(axis=1)[inside])
    return float(fitted), float(at)

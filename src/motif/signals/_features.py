"""Hand-made features of inertial windows: a strong baseline that needs no training."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_numbers
from motif.errors import ConfigError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.signals._features_frequency import frequency_feature_names, frequency_features
from motif.signals._features_time import FLOOR, time_feature_names, time_features
from motif.signals._triads import triads

__all__ = ["feature_names", "features"]

_FEWEST_SAMPLES = 8
_LARGEST = 1e30  # beyond it a rate of change would not fit in float32
_CHUNK = 128
"""Windows computed at once: keeps memory flat, and changes no bit of the answer."""


def features(windows: ArrayLike, channels: Sequence[str], *, rate_hz: float) -> NDArray[np.float32]:
    """Return features in time and frequency of each window.

    Of every channel, and of the magnitude of every triad (`acc_x`, `acc_y`, `acc_z`): mean, std, min, max, quartiles,
    rms, energy, crossings, jerk, autocorrelation, energy in bands, spectral entropy, dominant frequency. Then the
    correlations between the axes of a triad, and between sensors. A window gets the same bits alone and among others.

    Parameters
    ----------
    windows : (n, channels, sensors, samples), float
        At least 8 samples, all finite and no larger than 1e30.
    channels
        A name for each position along the channel axis.
    rate_hz
        Samples per second.

    Returns
    -------
    (n, n_features), float32
        In the order of `feature_names`.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError, TooFewSamplesError, ConfigError

    References
    ----------
    Bulling, Blanke, Schiele (2014), "A tutorial on human activity recognition using body-worn inertial sensors",
    ACM Computing Surveys 46(3). With scikit-learn's shrinkage LDA these are hard to beat on unseen people.

    Examples
    --------
    >>> windows = np.sin(np.arange(200) * 0.1 * np.pi)[None, None, None]  # 5 Hz, sampled at 100 Hz
    >>> names = feature_names(["acc_x"], n_samples=200, rate_hz=100.0)
    >>> float(features(windows, ["acc_x"], rate_hz=100.0)[0, names.index("acc_x.dominant_frequency")])
    5.0
    """
    array = as_numbers(windows, "windows")
    _check(array, channels, rate_hz)
    n = array.shape[0]
    if n == 0:
        n_features = len(feature_names(channels, n_samples=array.shape[3], rate_hz=rate_hz, n_sensors=array.shape[2]))
        return np.empty((0, n_features), dtype=np.float32)
    parts = [_chunk_features(array[i : i + _CHUNK], channels, rate_hz) for i in range(0, n, _CHUNK)]
    return np.concatenate(parts)


def feature_names(
    channels: Sequence[str],
    *,
    n_samples: int,
    rate_hz: float,
    sensors: Sequence[str] = (),
    n_sensors: int = 1,
) -> tuple[str, ...]:
    """Return the name of each column of `features`: `acc_x.mean`, or `wrist.acc_x.mean` among several sensors.

    Parameters
    ----------
    channels, rate_hz
        As given to `features`.
    n_samples
        Length of a window: a short one has fewer bands and lags.
    sensors, n_sensors
        The sensors' names, or their number where they have none: they are then called `sensor0`, `sensor1`, …
    """
    sensors = tuple(sensors) or tuple(f"sensor{i}" for i in range(n_sensors))
    prefixes = [f"{sensor}." for sensor in sensors] if len(sensors) > 1 else [""]
    found = triads(channels)
    series = [*channels, *(f"{quantity}_magnitude" for quantity in found)]
    kinds = time_feature_names(n_samples, rate_hz) + frequency_feature_names(n_samples, rate_hz)
    names = [f"{prefix}{each}.{kind}" for prefix in prefixes for each in series for kind in kinds]
    for prefix in prefixes:
        for axes in found.values():
            names += [f"{prefix}{channels[a]}~{channels[b]}.correlation" for a, b in combinations(axes, 2)]
    for one, other in combinations(sensors, 2):
        names += [f"{one}~{other}.{each}.correlation" for each in series]
    return tuple(names)


def _check(array: NDArray[np.generic], channels: Sequence[str], rate_hz: float) -> None:
    if array.ndim != 4 or 0 in array.shape[1:] or array.shape[1] != len(channels):
        raise ShapeError("windows", got=array.shape, want=f"(n, {len(channels)} channels, sensors, samples)")
    if array.shape[3] < _FEWEST_SAMPLES:
        raise TooFewSamplesError(f"windows of {array.shape[3]} samples are too short; want {_FEWEST_SAMPLES} or more")
    if not (rate_hz > 0 and np.isfinite(rate_hz)):
        raise ConfigError(f"rate_hz is {rate_hz}; want samples per second, above 0")
    finite = np.abs(array) <= _LARGEST
    if not finite.all():
        raise NotFiniteError.of("windows", ~finite)


def _chunk_features(windows: NDArray[np.generic], channels: Sequence[str], rate_hz: float) -> NDArray[np.float32]:
    by_sensor = np.ascontiguousarray(windows.swapaxes(1, 2), dtype=np.float64)
    found = triads(channels)
    squares = by_sensor * by_sensor
    magnitudes = [np.sqrt(squares[:, :, x] + squares[:, :, y] + squares[:, :, z]) for x, y, z in found.values()]
    series = np.concatenate([by_sensor, *(magnitude[:, :, None] for magnitude in magnitudes)], axis=2)
    unit = _standardized(series)
    per_series = np.concatenate([time_features(series, rate_hz), frequency_features(series, rate_hz)], axis=-1)
    parts = [per_series.reshape(len(windows), -1)]
    pairs = [pair for axes in found.values() for pair in combinations(axes, 2)]
    if pairs:
        between_axes = np.stack([_correlation(unit[:, :, a], unit[:, :, b]) for a, b in pairs], axis=-1)
        parts.append(between_axes.reshape(len(windows), -1))
    parts += [_correlation(unit[:, one], unit[:, other]) for one, other in combinations(range(series.shape[1]), 2)]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _standardized(series: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = series - series.mean(axis=-1, keepdims=True)
    energy = (centred * centred).mean(axis=-1, keepdims=True)
    still = energy <= FLOOR
    standardized: NDArray[np.float64] = np.where(still, 0.0, centred / np.sqrt(np.where(still, 1.0, energy)))
    return standardized


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, …) from standardized series (n, …, samples); 0 where one of them is still."""
    correlation: NDArray[np.float64] = (a * b).mean(axis=-1)
    return correlation

"""The encoder that needs no training: a fixed bank of filters, what bodies do at 100 Hz for one second.

Tables and arithmetic (+ − × ÷ √ in one order, in double precision) are the same on every machine, so the features are.
All of it is convolutions, products, averages, roots and divisions: what an edge NPU has.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["CHANNELS", "N_FEATURES", "N_SAMPLES", "N_SENSORS", "describe", "feature_names", "mix", "mixing"]

CHANNELS = tuple(f"{kind}_{axis}" for kind in ("acc", "gyr", "mag") for axis in "xyz")
N_SENSORS, N_SAMPLES = 2, 100
SERIES = (*CHANNELS, "acc_length", "gyr_length", "acc_upward", "gyr_upward")
"""What is filtered of each sensor; upward is along the mean acceleration."""
EDGES = (1, 2, 3, 4, 6, 9, 14, 22, 36)
"""Bands of cycles a window: [1, 2), [2, 3) … [22, 36)."""
GRAVITY_M_S2 = 9.81
SIZES = (0.02, 0.2, 2.0)
"""Strengths (of gravity, in rad/s, of the Earth's field) around which the logarithm-like scale turns."""
GAIN = 4.0
"""Features differ by about a quarter from window to window; their mixtures by about one."""
SEED = 240

N_SERIES, N_BANDS = len(SERIES), len(EDGES) - 1
N_FEATURES = N_SENSORS * (N_SERIES * N_BANDS + 2 * len(CHANNELS)) + N_SERIES


def feature_names() -> tuple[str, ...]:
    """Return the names of the features, in their order."""
    names = []
    for sensor in range(N_SENSORS):
        bands = [f"{low}-{high - 1}" for low, high in pairwise(EDGES)]
        names += [f"s{sensor}.{series}.cycles_{band}" for series in SERIES for band in bands]
        names += [f"s{sensor}.{channel}.{what}" for channel in CHANNELS for what in ("level", "change")]
    return (*names, *(f"between.{series}.correlation" for series in SERIES))


def describe(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return features (n, N_FEATURES) of windows (n, 9, 2, 100) in m/s², rad/s and any unit of magnetic field.

    Strengths lie in 0 … 1, all others in −1 … 1. Each window is described by itself, in one order of operations.
    """
    features = np.empty((len(windows), N_FEATURES))
    _describe(windows, *_tables(), np.array(SIZES), features)
    return features.astype(np.float32)


@cache
def mixing(n_latents: int) -> NDArray[np.float64]:
    """Return fixed random signs (n_latents, N_FEATURES), each row of sum zero and with GAIN as its length.

    Distances survive such a mixture; what all features share, such as that there is much movement, does not hide the
    rest.

    References
    ----------
    Achlioptas (2003), "Database-friendly random projections", J. Computer and System Sciences 66:671–687.
    """
    generator = np.random.Generator(np.random.PCG64(SEED))
    half = np.repeat([1.0, -1.0], [N_FEATURES // 2, N_FEATURES // 2])
    rows = np.zeros((n_latents, N_FEATURES))
    for row in rows:
        order = generator.random(N_FEATURES).argsort(kind="stable")
        row[order[: len(half)]] = half
    return rows * np.float64(np.float32(GAIN / np.sqrt(len(half))))


@njit(cache=True)
def mix(features: NDArray[np.float32], rows: NDArray[np.float64], latents: NDArray[np.float32]) -> None:
    """Write into `latents` (n, n_latents) the products of features (n, m) with rows (n_latents, m), in one order."""
    for i in range(len(features)):
        for j in range(len(rows)):
            total = 0.0
            for k in range(features.shape[1]):
                total += rows[j, k] * features[i, k]
            latents[i, j] = total


@cache
def _tables() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return cosines and sines (frequencies, samples), and the band of each frequency.

    Rounded to float32, because the last bit of a cosine differs between machines.
    """
    frequency = np.arange(EDGES[0], EDGES[-1])
    phase = 2 * np.pi * np.outer(frequency, np.arange(N_SAMPLES)) / N_SAMPLES
    size = 2 / N_SAMPLES
    cosines, sines = ((size * wave(phase)).astype(np.float32).astype(np.float64) for wave in (np.cos, np.sin))
    return cosines, sines, np.searchsorted(EDGES, frequency, side="right").astype(np.int64) - 1


@njit(cache=True)
def _describe(windows, cosines, sines, band, sizes, features):  # type: ignore[no-untyped-def]
    n_sensors, n_samples = windows.shape[2], windows.shape[3]
    series = np.empty((n_sensors, 13, n_samples))
    means = np.empty((n_sensors, 13))
    for i in range(len(windows)):
        at = 0
        for s in range(n_sensors):
            _series(windows[i, :, s], series[s])
            for j in range(13):
                means[s, j] = _mean(series[s, j], 0, n_samples)
                at = _strengths(series[s, j], means[s, j], cosines, sines, band, sizes, features[i], at)
            for j in range(9):
                change = _mean(series[s, j], n_samples // 2, n_samples) - _mean(series[s, j], 0, n_samples // 2)
                features[i, at] = _bounded(2 * means[s, j])
                features[i, at + 1] = _bounded(2 * change)
                at += 2
        for j in range(13):
            features[i, at] = _correlation(series[0, j] - means[0, j], series[1, j] - means[1, j])
            at += 1


@njit(cache=True)
def _series(window, series):  # type: ignore[no-untyped-def]
    """(9, samples) → (13, samples): g, rad/s, share of the window's field; then lengths, then parts along gravity."""
    n_samples = window.shape[1]
    field = 0.0
    for t in range(n_samples):
        for j in range(9):
            series[j, t] = window[j, t] / GRAVITY_M_S2 if j < 3 else np.float64(window[j, t])
        field += series[6, t] * series[6, t] + series[7, t] * series[7, t] + series[8, t] * series[8, t]
    field = np.sqrt(field / n_samples) + 1e-6
    for j in range(6, 9):
        for t in range(n_samples):
            series[j, t] /= field
    x, y, z = _mean(series[0], 0, n_samples), _mean(series[1], 0, n_samples), _mean(series[2], 0, n_samples)
    length = np.sqrt(x * x + y * y + z * z) + 1e-6
    x, y, z = x / length, y / length, z / length
    for t in range(n_samples):
        for k in range(2):
            a, b, c = series[3 * k, t], series[3 * k + 1, t], series[3 * k + 2, t]
            series[9 + k, t] = np.sqrt(a * a + b * b + c * c)
            series[11 + k, t] = a * x + b * y + c * z


@njit(cache=True)
def _strengths(values, mean, cosines, sines, band, sizes, features, at):  # type: ignore[no-untyped-def]
    """Write the strength of each band, on a scale like a logarithm's; return where the next feature goes."""
    for b in range(band[-1] + 1):
        features[at + b] = 0.0
    for k in range(len(cosines)):
        real, imaginary = 0.0, 0.0
        for t in range(len(values)):
            deviation = values[t] - mean
            real += deviation * cosines[k, t]
            imaginary += deviation * sines[k, t]
        features[at + band[k]] += real * real + imaginary * imaginary
    for b in range(band[-1] + 1):
        strength, total = np.sqrt(features[at + b]), 0.0
        for size in sizes:
            total += strength / (strength + size)
        features[at + b] = total / len(sizes)
    return at + band[-1] + 1


@njit(cache=True)
def _correlation(a, b):  # type: ignore[no-untyped-def]
    product, a_square, b_square = 0.0, 0.0, 0.0
    for t in range(len(a)):
        product += a[t] * b[t]
        a_square += a[t] * a[t]
        b_square += b[t] * b[t]
    return product / (np.sqrt(a_square * b_square) + 1e-4 * len(a))


@njit(cache=True)
def _mean(values, start, stop):  # type: ignore[no-untyped-def]
    total = 0.0
    for t in range(start, stop):
        total += values[t]
    return total / (stop - start)


@njit(cache=True)
def _bounded(value):  # type: ignore[no-untyped-def]
    return value / (1.0 + abs(value))

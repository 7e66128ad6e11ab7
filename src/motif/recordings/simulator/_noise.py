"""Smooth random movement: noise within a band of frequencies, and curves between points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from motif.errors import ConfigError

__all__ = ["band_noise", "minimum_jerk", "taper", "through"]


def band_noise(
    n_samples: int, band_hz: tuple[float, float], rate_hz: float, rng: np.random.Generator, *, n_series: int = 3
) -> NDArray[np.float64]:
    """Return noise of unit variance that holds only frequencies within a band; (n_samples, n_series).

    A short series is cut from a longer one, so that the band always holds four frequencies or more.

    Raises
    ------
    ConfigError
        The band is empty or lies above half the rate.
    """
    low, high = band_hz[0], min(band_hz[1], rate_hz / 2)
    if not 0 <= low < high:
        raise ConfigError(f"the band {band_hz} Hz is empty at {rate_hz:g} samples a second; sample faster")
    n = next_fast_len(max(n_samples, int(np.ceil(4.5 * rate_hz / (high - low)))), real=True)
    frequency = np.fft.rfftfreq(n, 1 / rate_hz)
    inside = (frequency >= low) & (frequency <= high) & (frequency > 0)
    spectrum = np.zeros((frequency.size, n_series), dtype=np.complex128)
    parts = rng.standard_normal((2, int(inside.sum()), n_series))
    spectrum[inside] = parts[0] + 1j * parts[1]
    series: NDArray[np.float64] = np.fft.irfft(spectrum, n, axis=0) * (n / (2 * np.sqrt(inside.sum())))
    return series[:n_samples]


def minimum_jerk(progress: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bell-speed course of a reach from 0 to 1, at rest at both ends.

    References
    ----------
    Flash & Hogan (1985), "The coordination of arm movements", J. Neurosci. 5(7).
    """
    s = np.clip(progress, 0.0, 1.0)
    return np.asarray(s**3 * (10 - 15 * s + 6 * s**2), dtype=np.float64)


def through(points: NDArray[np.float64], progress: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a course through (n_points, k) in minimum-jerk strokes; each takes time by the root of its length."""
    strokes = np.diff(points, axis=0)
    share = np.sqrt(np.linalg.norm(strokes, axis=1)) + 1e-12
    begin = np.concatenate([[0.0], np.cumsum(share) / share.sum()])
    course = np.tile(points[0], (progress.size, 1))
    for first, last, stroke in zip(begin[:-1], begin[1:], strokes, strict=True):
        course += minimum_jerk((progress - first) / (last - first))[:, None] * stroke
    return course


def taper(n_samples: int, ramp_samples: int) -> NDArray[np.float64]:
    """Return a weight that rises smoothly from 0 to 1 and falls back, (n_samples,)."""
    ramp = max(1, min(ramp_samples, n_samples // 2))
    to_end = np.minimum(np.arange(n_samples), np.arange(n_samples)[::-1])
    return minimum_jerk(to_end / ramp)

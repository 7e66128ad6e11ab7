"""What a series does in frequency: how its energy is spread, and where it peaks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from motif.signals._features_time import FLOOR

__all__ = ["frequency_feature_names", "frequency_features"]

_EDGES_HZ = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, 50.0)  # finest where limbs move


def frequency_feature_names(n_samples: int, rate_hz: float) -> tuple[str, ...]:
    """Return the names of `frequency_features`, for series of this length and rate."""
    bands = tuple(f"log_energy_{low:g}_{high:g}hz" for low, high, _ in _bands(n_samples, rate_hz))
    return (*bands, "spectral_entropy", "dominant_frequency")


def frequency_features(series: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """Return how the energy of each series is spread over frequency.

    Parameters
    ----------
    series : (…, n_samples)
        Its mean is taken off first.
    rate_hz
        Samples per second.

    Returns
    -------
    (…, n_features)
        In the order of `frequency_feature_names`: log10 of the energy in each band that this length and rate can tell
        from its neighbours, spectral entropy 0 (a pure tone) … 1 (white), dominant frequency in Hz. A still series has
        entropy and dominant frequency 0.

    References
    ----------
    Welch (1967), "The use of fast Fourier transform for the estimation of power spectra" (one Hann-tapered segment).
    """
    n_samples = series.shape[-1]
    taper = np.sin(np.pi * (np.arange(n_samples) + 0.5) / n_samples) ** 2
    centred = series - series.mean(axis=-1, keepdims=True)
    spectrum = np.fft.rfft(centred * taper, axis=-1)
    power = (spectrum.real**2 + spectrum.imag**2) * (2.0 / (n_samples * (taper * taper).sum()))
    columns = [np.log10(power[..., bins].sum(axis=-1) + FLOOR) for _, _, bins in _bands(n_samples, rate_hz)]
    power = power[..., 1:]
    total = power.sum(axis=-1)
    still = total <= FLOOR
    share = power / np.where(still, 1.0, total)[..., None]
    entropy = -(share * np.log(np.maximum(share, 1e-12))).sum(axis=-1) / np.log(max(2, share.shape[-1]))
    dominant = (power.argmax(axis=-1) + 1) * (rate_hz / n_samples)
    columns += [np.where(still, 0.0, entropy), np.where(still, 0.0, dominant)]
    return np.stack(columns, axis=-1)


def _bands(n_samples: int, rate_hz: float) -> list[tuple[float, float, slice]]:
    """Return the bands that hold a bin of this spectrum: from Hz, to Hz, which bins."""
    frequencies = np.arange(n_samples // 2 + 1) * rate_hz / n_samples  # exact where an edge is met, unlike rfftfreq
    bands = []
    for low, high in pairwise(_EDGES_HZ):
        first, last = np.searchsorted(frequencies, [low, high])
        if first < last:
            bands.append((low, high, slice(int(first), int(last))))
    return bands

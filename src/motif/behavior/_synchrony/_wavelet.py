"""Wavelet coherence: how much of each frequency two streams share, window by window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["WaveletCoherence", "wavelet_coherence"]

Array = NDArray[np.float64]

_CYCLES = 6.0
"""Angular frequency of the mother wavelet: about so many cycles lie under its bell."""
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class WaveletCoherence:
    """Shares from 0 to 1; the first of the `turns` is the observed one."""

    values: Array
    """(turns,), mean over windows, frequencies and channels."""
    picture: Array
    """(windows, frequencies), the observed one, mean over channels."""


def wavelet_coherence(
    a: Array, b: Array, *, frequencies: Array, window: int, turns: NDArray[np.int64]
) -> WaveletCoherence:
    """Lay the wavelet transforms over each other, averaged over windows that overlap by half.

    One channel and frequency at a time, so that memory grows with the length of the streams and nothing else.

    Parameters
    ----------
    a, b : (n, channels)
    frequencies : (k,)
        In cycles a sample.
    window : int
        Samples over which phases are averaged; turns are rounded to whole halves of it.
    turns : (t,), int

    References
    ----------
    Grinsted, Moore & Jevrejeva (2004), "Application of the cross wavelet transform and wavelet coherence to geophysical
    time series". Twin: tests/reference/synchrony.py.
    """
    half = window // 2
    n_halves = len(a) // half
    places = np.rint(turns / half).astype(np.int64) % n_halves
    spectra = [np.fft.fft(x[: n_halves * half] - x.mean(axis=0), axis=0) for x in (a, b)]
    values = np.zeros(len(turns))
    picture = np.zeros((n_halves - 1, len(frequencies)))
    for c in range(a.shape[1]):
        for k, frequency in enumerate(frequencies):
            first, second = (_transform(spectrum[:, c], frequency, n_halves) for spectrum in spectra)
            power = [(np.abs(x) ** 2).sum(axis=1) for x in (first, second)]
            for i, place in enumerate(places):
                cross = (np.conj(first) * np.roll(second, -place, axis=0)).sum(axis=1)
                both = _windows(power[0]) * _windows(np.roll(power[1], -place))
                shared = np.abs(_windows(cross)) ** 2 / np.maximum(both, _TINY)
                values[i] += shared.mean()
                if i == 0:
                    picture[:, k] += shared
    n_channels = a.shape[1]
    return WaveletCoherence(values / (n_channels * len(frequencies)), picture / n_channels)


def _transform(spectrum: NDArray[np.complex128], frequency: float, n_halves: int) -> NDArray[np.complex128]:
    """Return the Morlet transform at one frequency, in cycles a sample, (n_halves, samples); ends are joined.

    Its bell is nil beyond twice its frequency, so no more samples are made than those frequencies need.
    """
    n = len(spectrum)
    samples = min(int(np.ceil(2.0 * frequency * n / n_halves)) + 1, n // n_halves)
    around = np.fft.fftfreq(n)[: n_halves * samples]
    bell = np.exp(-0.5 * (_CYCLES * (around / frequency - 1.0)) ** 2) * (around > 0)
    return np.asarray(np.fft.ifft(spectrum[: n_halves * samples] * bell)).reshape(n_halves, samples)


def _windows(halves: NDArray[Any]) -> NDArray[Any]:
    """Return sums over windows from sums over half windows."""
    return np.asarray(halves[1:] + halves[:-1])

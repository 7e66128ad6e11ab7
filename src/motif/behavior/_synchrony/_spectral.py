"""Phase synchrony and coherence, for every turn of one stream against the other at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = ["coherence", "phase_locking"]

Array = NDArray[np.float64]


def phase_locking(a: Array, b: Array, turns: NDArray[np.int64]) -> Array:
    """Return how constant the phase difference is, 0…1, mean over channels, (turns,).

    Parameters
    ----------
    a, b : (n, channels)
        In one band of frequencies.

    References
    ----------
    Lachaux et al. (1999), "Measuring phase synchrony in brain signals".
    """
    first, second = (np.exp(1j * np.angle(signal.hilbert(x, axis=0))) for x in (a, b))
    together = np.fft.ifft(np.conj(np.fft.fft(first, axis=0)) * np.fft.fft(second, axis=0), axis=0)
    locked: Array = np.abs(together[turns % len(a)]).mean(axis=1) / len(a)
    return locked


def coherence(a: Array, b: Array, *, segment: int, band: tuple[float, float], turns: NDArray[np.int64]) -> Array:
    """Return the share of power in a band that one stream explains of the other, mean over channels, (turns,).

    Parameters
    ----------
    a, b : (n, channels)
    segment : int
        Samples of a Hann window; they overlap by half. Turns are rounded to whole halves.
    band : (float, float)
        Lowest and highest frequency, in cycles a sample.

    References
    ----------
    Welch (1967), "The use of fast Fourier transform for the estimation of power spectra".
    """
    half = segment // 2
    spectra = [_spectra(x, segment, half, band) for x in (a, b)]  # (segments, frequencies, channels)
    power = [np.mean(np.abs(x) ** 2, axis=0) for x in spectra]
    values = np.empty(len(turns))
    for i, turn in enumerate(np.rint(turns / half).astype(int)):
        cross = np.mean(np.conj(spectra[0]) * np.roll(spectra[1], -turn, axis=0), axis=0)
        values[i] = (np.abs(cross) ** 2).sum() / (power[0] * power[1]).sum()
    return values


def _spectra(x: Array, segment: int, hop: int, band: tuple[float, float]) -> NDArray[np.complex128]:
    pieces = np.lib.stride_tricks.sliding_window_view(x, segment, axis=0)[::hop]
    pieces = pieces - pieces.mean(axis=2, keepdims=True)
    spectra = np.fft.rfft(pieces * signal.windows.hann(segment), axis=2)
    frequencies = np.fft.rfftfreq(segment)
    inside = (frequencies >= band[0]) & (frequencies <= band[1])
    return np.asarray(spectra[:, :, inside].transpose(0, 2, 1))

"""Every measure of one stream with any other: what is the same for all the others is made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import signal, special, stats

from motif.behavior._synchrony._correlation import LaggedCorrelation, lagged_correlation
from motif.behavior._synchrony._recurrence import Recurrence, cross_recurrence, recurrence_radius
from motif.behavior._synchrony._spectral import coherence, phase_locking
from motif.behavior._synchrony._warping import Warping, warp
from motif.behavior._synchrony._wavelet import WaveletCoherence, wavelet_coherence

__all__ = ["MEASURES", "Statistics", "strength"]

Array = NDArray[np.float64]
Turns = NDArray[np.int64]

MEASURES = (
    "mean_correlation",
    "lagged_correlation",
    "phase_locking",
    "coherence",
    "wavelet_coherence",
    "recurrence",
    "determinism",
    "warped_similarity",
)

_FREQUENCIES = 10
_STEPS_IN_MAX_LAG = 40
"""Recurrence and warping look at means of so many samples that the largest lag has about this many steps."""
_DIMENSIONS = 3
"""Fewer channels than this are embedded: a state is then also where the stream was a little before."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """One stream `a`, and how the other is looked at."""

    a: Array
    """(n, channels)."""
    window: int
    max_lag: int
    band_hz: tuple[float, float]
    rate_hz: float
    measures: tuple[str, ...] = MEASURES

    def of(self, b: Array, turns: Turns) -> dict[str, Array]:
        """Return (turns,) values of each measure, `b` turned in time against `a`."""
        values: dict[str, Array] = {}
        if {"mean_correlation", "lagged_correlation"} & set(self.measures):
            lagged = self.lagged(b, turns)
            values["mean_correlation"] = lagged.profiles.mean(axis=(1, 2))
            values["lagged_correlation"] = strength(lagged).max(axis=1)
        if {"recurrence", "determinism"} & set(self.measures):
            states = self._embedded(b)
            radius = recurrence_radius(self._states, states)
            found = [self._recurrence(np.roll(states, -(turn // self.step), axis=0), radius) for turn in turns]
            values["recurrence"] = np.array([one.profile.max() for one in found])
            values["determinism"] = np.array([one.determinism for one in found])
        alone: dict[str, Callable[[], Array]] = {
            "phase_locking": lambda: phase_locking(self._narrow, self.band_passed(b), turns),
            "coherence": lambda: coherence(self.a, b, segment=self._segment, band=self._band, turns=turns),
            "wavelet_coherence": lambda: self.wavelet(b, turns).values,
            "warped_similarity": lambda: self._similarity(self._scaled(b), turns),
        }
        values |= {name: measure() for name, measure in alone.items() if name in self.measures}
        return {name: values[name] for name in self.measures}

    def lagged(self, b: Array, turns: Turns) -> LaggedCorrelation:
        """Return the windowed lagged correlation."""
        return lagged_correlation(
            self.a, b, window=self.window, hop=self.window // 2, max_lag=self.max_lag, turns=turns
        )

    def wavelet(self, b: Array, turns: Turns) -> WaveletCoherence:
        """Return the wavelet coherence in the band."""
        frequencies = self.frequencies_hz / self.rate_hz
        return wavelet_coherence(self.a, b, frequencies=frequencies, window=self.window, turns=turns)

    def recurrence(self, b: Array) -> Recurrence:
        """Return the cross-recurrence within the largest lag."""
        states = self._embedded(b)
        return self._recurrence(states, recurrence_radius(self._states, states))

    def _recurrence(self, states: Array, radius: float) -> Recurrence:
        return cross_recurrence(self._states, states, radius=radius, max_lag=self._coarse_lag)

    def warping(self, b: Array) -> Warping:
        """Return the path along which `b` is most like `a`, in steps of `step` samples."""
        return warp(self._coarse, self._scaled(b), self._coarse_lag)

    def _similarity(self, coarse: Array, turns: Turns) -> Array:
        turned = (np.roll(coarse, -(turn // self.step), axis=0) for turn in turns)
        return np.array([warp(self._coarse, other, self._coarse_lag).similarity for other in turned])

    def band_passed(self, values: Array) -> Array:
        """Return (n, channels) in the band, without delay."""
        return np.asarray(signal.sosfiltfilt(self._sections, values, axis=0))

    @cached_property
    def _sections(self) -> Array:
        return np.asarray(signal.butter(2, self.band_hz, btype="bandpass", fs=self.rate_hz, output="sos"))

    @property
    def frequencies_hz(self) -> Array:
        """Frequencies at which wavelets look, evenly spaced to the ear."""
        return np.geomspace(*self.band_hz, _FREQUENCIES)

    @property
    def step(self) -> int:
        """Samples averaged before recurrence and warping look."""
        return max(self.max_lag // _STEPS_IN_MAX_LAG, 1)

    @property
    def _coarse_lag(self) -> int:
        return max(self.max_lag // self.step, 1)

    @property
    def _segment(self) -> int:
        return max(min(self.window, len(self.a) // 8), 8)

    @property
    def _band(self) -> tuple[float, float]:
        return self.band_hz[0] / self.rate_hz, self.band_hz[1] / self.rate_hz

    @cached_property
    def _narrow(self) -> Array:
        return self.band_passed(self.a)

    @cached_property
    def _coarse(self) -> Array:
        return self._scaled(self.a)

    @cached_property
    def _states(self) -> Array:
        return self._embedded(self.a)

    def _scaled(self, values: Array) -> Array:
        """Return means of `step` samples of each channel's normal scores, scaled to mean 0 and deviation 1.

        Scores by rank: of these a surrogate of random phases has exactly the spectrum, which bent streams and lines of
        recurrence feel; of other values only about. And no single jerk fills the plane.
        """
        scores = special.ndtri((stats.rankdata(values, axis=0) - 0.5) / len(values))
        n = len(values) // self.step
        means = scores[: n * self.step].reshape(n, self.step, -1).mean(axis=1)
        return np.asarray((means - means.mean(axis=0)) / np.maximum(means.std(axis=0), 1e-12))

    def _embedded(self, values: Array) -> Array:
        scaled = self._scaled(values)
        delay = max(self._coarse_lag // 10, 1)
        copies = 1 if scaled.shape[1] >= _DIMENSIONS else _DIMENSIONS
        return np.concatenate([np.roll(scaled, k * delay, axis=0) for k in range(copies)], axis=1)


def strength(lagged: LaggedCorrelation) -> Array:
    """Return (turns, lags), over channels that may have opposite signs."""
    return np.asarray(np.sqrt((lagged.profiles**2).mean(axis=1)))

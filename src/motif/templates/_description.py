"""What a series is described by: how often random convolutions answer, and a summary of each channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.templates._convolution_kernels import responses, shares_above, summary

__all__ = ["Description"]

_TAPS = np.array(list(combinations(range(9), 3)), np.int64)
_N_DILATIONS = 4
_MOST_CHANNELS = 9
_QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
_N_HEARD = 30
"""Series from which the limits are taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """Convolutions chosen at random and never trained, limits taken from what was taught.

    References
    ----------
    Dempster, Schmidt and Webb (2021), "MiniRocket: a very fast (almost) deterministic transform for time series
    classification", KDD.
    """

    dilations: NDArray[np.int64]
    channels: NDArray[np.bool_]
    limits: NDArray[np.float32]

    @classmethod
    def learn(cls, series: NDArray[np.float32], rng: np.random.Generator) -> Self:
        """Choose kernels for series (n, channels, samples) and take their limits from these."""
        _, n_channels, n_samples = series.shape
        longest = max((n_samples - 1) / 8, 1.0)
        dilations = np.unique(np.rint(np.geomspace(1.0, longest, _N_DILATIONS)).astype(np.int64))
        channels = np.zeros((len(dilations) * len(_TAPS), n_channels), np.bool_)
        for chosen in channels:
            size = int(2 ** rng.uniform(0.0, np.log2(min(n_channels, _MOST_CHANNELS) + 1)))
            chosen[rng.choice(n_channels, min(size, n_channels), replace=False)] = True
        heard = series[rng.permutation(len(series))[:_N_HEARD]]
        answers = np.concatenate([responses(each, dilations, channels, _TAPS) for each in heard], axis=1)
        return cls(dilations, channels, np.quantile(answers, _QUANTILES, axis=1).T.astype(np.float32))

    def of(self, series: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the shares (n, n_shares) and the summary (n, n_figures) of series (n, channels, samples)."""
        return shares_above(series, self.dilations, self.channels, _TAPS, self.limits), summary(series)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"dilations": self.dilations, "channels": self.channels, "limits": self.limits}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        dilations, channels = arrays["dilations"].astype(np.int64), arrays["channels"].astype(np.bool_)
        limits = np.ascontiguousarray(arrays["limits"], np.float32)
        if (
            dilations[0] < 1
            or (np.diff(dilations) < 1).any()
            or len(channels) != len(limits)
            or len(channels) != len(dilations) * len(_TAPS)
        ):
            raise ValueError(f"{len(channels)} kernels of {len(dilations)} dilations with {len(limits)} rows of limits")
        return cls(dilations, channels, limits)

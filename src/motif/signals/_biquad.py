"""The recursion of a digital filter, sample by sample."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["run_sections"]


@njit(cache=True)
def run_sections(
    sections: NDArray[np.float64],
    settled: NDArray[np.float64],
    samples: NDArray[np.float64],
    state: NDArray[np.float64],
    running: NDArray[np.bool_],
) -> None:
    """Filter `samples` in place and carry `state` on. Twin: tests/reference/biquad.py.

    Parameters
    ----------
    sections : (n_sections, 6)
        b0, b1, b2, 1, a1, a2 of each second-order section.
    settled : (n_sections, 2)
        The state of sections that a constant 1 has stood before for ever.
    samples : (n_samples, n_channels)
        NaN stays, and the filter begins anew after it.
    state : (n_channels, n_sections, 2)
    running : (n_channels,), bool
        False where the next sample is the first of a stretch.

    References
    ----------
    Oppenheim and Schafer, *Discrete-Time Signal Processing*, 3rd edition, 6.3, the transposed direct form II.
    """
    for channel in range(samples.shape[1]):
        for i in range(samples.shape[0]):
            value = samples[i, channel]
            if np.isnan(value):
                running[channel] = False
                continue
            if not running[channel]:
                state[channel] = settled * value
                running[channel] = True
            for k in range(sections.shape[0]):
                result = sections[k, 0] * value + state[channel, k, 0]
                state[channel, k, 0] = sections[k, 1] * value - sections[k, 4] * result + state[channel, k, 1]
                state[channel, k, 1] = sections[k, 2] * value - sections[k, 5] * result
                value = result
            samples[i, channel] = value

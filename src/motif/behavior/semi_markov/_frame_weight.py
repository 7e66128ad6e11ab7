"""How many independent frames one frame is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._parameters import Parameters

__all__ = ["autocorrelation_time", "frame_weight", "unexplained"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_MOST_LAGS = 100
_NEGLIGIBLE = 0.05


def frame_weight(parameters: Parameters, sequences: Sequence[Array]) -> float:
    """Return 1 over the autocorrelation time of what the states leave unexplained, in frames; at most 1.

    Descriptions of overlapping windows, or of motion sampled faster than it changes, repeat themselves. Counted as
    independent they would make every posterior too sure and pay for states that are not there.
    """
    return 1.0 / autocorrelation_time(*unexplained(parameters, sequences))


def unexplained(parameters: Parameters, sequences: Sequence[Array]) -> tuple[list[Array], list[Labels]]:
    """Return what the states of the most probable path leave unexplained, (time, numbers) each, and these paths."""
    paths = [parameters.decode(frames) for frames in sequences]
    looks = [parameters.look[path] for path in paths]
    return [parameters.emission.residuals(*pair) for pair in zip(sequences, looks, strict=True)], paths


def autocorrelation_time(residuals: Sequence[Array], paths: Sequence[Labels]) -> float:
    """Return how many frames residuals (time, numbers) remember, within a state: 1 or more.

    References
    ----------
    Geyer (1992), "Practical Markov chain Monte Carlo", section 3.3: the sum ends where the correlation vanishes.
    """
    scaled = []
    for away in residuals:
        n_seen = np.maximum(np.isfinite(away).sum(axis=0), 1)
        scaled.append(away / np.sqrt(np.nansum(away**2, axis=0) / n_seen + 1e-12))
    time = 1.0
    for lag in range(1, _MOST_LAGS):
        products = [
            (a[lag:] * a[:-lag])[path[lag:] == path[:-lag]]
            for a, path in zip(scaled, paths, strict=True)
            if len(a) > lag
        ]
        together = np.concatenate(products) if products else np.empty((0, 1))
        together = together[np.isfinite(together).all(axis=1)]
        correlation = float(together.mean()) if together.size else 0.0
        if correlation < _NEGLIGIBLE:
            break
        time += 2.0 * correlation
    return time

"""How many independent frames one frame is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._parameters import Parameters

__all__ = ["frame_weight"]

_MOST_LAGS = 100
_NEGLIGIBLE = 0.05


def frame_weight(parameters: Parameters, sequences: Sequence[NDArray[np.float64]]) -> float:
    """Return 1 over the autocorrelation time of what the states leave unexplained, in frames; at most 1.

    Descriptions of overlapping windows, or of motion sampled faster than it changes, repeat themselves. Counted as
    independent they would make every posterior too sure and pay for states that are not there.

    References
    ----------
    Geyer (1992), "Practical Markov chain Monte Carlo", section 3.3: the sum ends where the correlation vanishes.
    """
    residuals, paths = [], []
    for frames in sequences:
        path = parameters.decode(frames)
        away = parameters.emission.residuals(frames, parameters.look[path])
        n_seen = np.maximum(np.isfinite(away).sum(axis=0), 1)
        residuals.append(away / np.sqrt(np.nansum(away**2, axis=0) / n_seen + 1e-12))
        paths.append(path)
    time = 1.0
    for lag in range(1, _MOST_LAGS):
        products = [
            (a[lag:] * a[:-lag])[path[lag:] == path[:-lag]]
            for a, path in zip(residuals, paths, strict=True)
            if len(a) > lag
        ]
        together = np.concatenate(products) if products else np.empty((0, 1))
        together = together[np.isfinite(together).all(axis=1)]
        correlation = float(together.mean()) if together.size else 0.0
        if correlation < _NEGLIGIBLE:
            break
        time += 2.0 * correlation
    return 1.0 / time

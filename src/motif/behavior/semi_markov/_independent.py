"""Features that say something the others do not: a constant one, or a sum of others, makes covariances singular."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

__all__ = ["Independent", "independent_features"]

Array = NDArray[np.float64]

_NEGLIGIBLE = 1e-6
"""What a feature must add to the others, as a share of its own spread."""
_MOST_FRAMES = 20_000


class Independent(NamedTuple):
    """Which features are looked at, and how the others follow from them."""

    used: NDArray[np.int64]
    """(used,), in their order."""
    offset: Array
    """(features,)."""
    slopes: Array
    """(used, features): all features are offset + used features @ slopes."""

    def rebuilt(self, frames: Array) -> Array:
        """Return all features, (time, features), of frames (time, used)."""
        rebuilt: Array = self.offset + frames @ self.slopes
        return rebuilt


def independent_features(sequences: list[Array]) -> Independent:
    """Return which features of sequences (time, features) to use; the first alone where all are constant."""
    frames = np.concatenate(sequences)
    seen = frames[np.isfinite(frames).all(axis=1)]
    seen = seen[:: len(seen) // _MOST_FRAMES + 1]
    n_features = frames.shape[1]
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    varies = np.flatnonzero(spread > 1e-9 * np.abs(mean))
    if not varies.size:
        return Independent(np.zeros(1, np.int64), mean * (np.arange(n_features) > 0), np.eye(1, n_features))
    triangle, order = qr((seen[:, varies] - mean[varies]) / spread[varies], mode="r", pivoting=True)
    adds = np.abs(np.diag(triangle)) > _NEGLIGIBLE * np.sqrt(len(seen))
    used = np.sort(varies[order[: adds.size][adds]])
    if used.size == n_features:
        return Independent(used, np.zeros(n_features), np.eye(n_features))
    away = (seen[:, used] - mean[used]) / spread[used]
    slopes = np.linalg.lstsq(away, seen - mean, rcond=None)[0] / spread[used][:, None]
    return Independent(used, mean - mean[used] @ slopes, slopes)

"""How many independent frames one frame is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._offsets import by_segment
from motif.behavior.semi_markov._parameters import Parameters
from motif.smoothing._segments import segment_starts

__all__ = ["autocorrelation_time", "frame_weight", "unexplained"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_MOST_LAGS = 100
_NEGLIGIBLE = 0.05
_LEAST_LEFT = 0.25
"""Where segments are too short to say how long frames remember, four times what they say."""


def frame_weight(parameters: Parameters, sequences: Sequence[Array], *, knows_offsets: bool = False) -> float:
    """Return 1 over the autocorrelation time of what the states leave unexplained, in frames; at most 1.

    Descriptions of overlapping windows, or of motion sampled faster than it changes, repeat themselves. Counted as
    independent they would make every posterior too sure and pay for states that are not there.

    Parameters
    ----------
    knows_offsets
        Whether what all frames of a segment share is allowed for elsewhere: then it is no memory.
    """
    residuals, paths = unexplained(parameters, sequences)
    if knows_offsets:
        residuals = by_segment(residuals, paths).within
    return 1.0 / autocorrelation_time(residuals, paths, centred=knows_offsets)


def unexplained(parameters: Parameters, sequences: Sequence[Array]) -> tuple[list[Array], list[Labels]]:
    """Return what the states of the most probable path leave unexplained, (time, numbers) each, and these paths.

    Of each look it is 0 on average: what a prior holds back, be it ever so little, would look like endless memory.
    """
    paths = [parameters.decode(frames) for frames in sequences]
    looks = [parameters.look[path] for path in paths]
    residuals = [parameters.emission.residuals(*pair) for pair in zip(sequences, looks, strict=True)]
    means = np.zeros((len(parameters.look), residuals[0].shape[1]))
    for look in np.unique(np.concatenate(looks)):
        own = np.concatenate([away[at == look] for away, at in zip(residuals, looks, strict=True)])
        means[look] = np.nansum(own, axis=0) / np.maximum(np.isfinite(own).sum(axis=0), 1)
    return [away - means[at] for away, at in zip(residuals, looks, strict=True)], paths


def autocorrelation_time(residuals: Sequence[Array], paths: Sequence[Labels], *, centred: bool = False) -> float:
    """Return how many frames residuals (time, numbers) remember, within a state: 1 or more.

    Parameters
    ----------
    centred
        Whether the mean of each segment was taken from its frames. That lowers every correlation ρ by (1 - ρ) times
        the memory over the frames of a segment, which is given back.

    References
    ----------
    Geyer (1992), "Practical Markov chain Monte Carlo", section 3.3: the sum ends where the correlation vanishes.
    """
    scaled = []
    for away in residuals:
        n_seen = np.maximum(np.isfinite(away).sum(axis=0), 1)
        scaled.append(away / np.sqrt(np.nansum(away**2, axis=0) / n_seen + 1e-12))
    together = []
    for lag in range(1, _MOST_LAGS):
        together.append(_correlation(scaled, paths, lag))
        if together[-1] < _NEGLIGIBLE:
            together.pop()
            break
    time = 1.0 + 2.0 * sum(together)
    if not centred:
        return time
    segments_per_frame = sum(len(segment_starts(path)) - 1 for path in paths) / sum(map(len, paths))
    taken = 2.0 * segments_per_frame * sum(1.0 - correlation for correlation in together)
    return time / max(1.0 - taken, _LEAST_LEFT)


def _correlation(scaled: Sequence[Array], paths: Sequence[Labels], lag: int) -> float:
    """Return how frames that lie `lag` apart, of one state, go together; 0 where there are none."""
    products = [
        (a[lag:] * a[:-lag])[path[lag:] == path[:-lag]] for a, path in zip(scaled, paths, strict=True) if len(a) > lag
    ]
    together = np.concatenate(products) if products else np.empty((0, 1))
    together = together[np.isfinite(together).all(axis=1)]
    return float(together.mean()) if together.size else 0.0

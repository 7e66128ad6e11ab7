"""Whether states say more of frames than the past does: noise that remembers looks like states that last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._evidence import probability_of_paths
from motif.behavior.semi_markov._gaussian import GaussianEmission
from motif.behavior.semi_markov._parameters import Parameters

__all__ = ["evidence_beyond_memory"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_ORDERS = (0, 1, 2, 4)
"""Frames of the past that are tried."""
_LEAST_SHARE = 0.1
"""Of the frames seen, how many must have their past seen as well for it to be tried."""


def evidence_beyond_memory(parameters: Parameters, sequences: Sequence[Array]) -> float:
    """Return the evidence, in nats, for the states of Gaussian frames over one state whose frames remember.

    Both may be autoregressions with the same influence of the past everywhere; the states' has a mean and a covariance
    for each look, and pays for its path. Each chooses how far back it looks. White noise, an autoregression and a walk
    at random are one state. Frames whose past is missing are taken to say as much as the others.
    """
    paths = [parameters.decode(frames) for frames in sequences]
    looks = [parameters.look[path] for path in paths]
    one = [np.zeros_like(path) for path in paths]
    diagonal = isinstance(parameters.emission, GaussianEmission) and parameters.emission.diagonal
    n_whole = {order: sum(len(_whole(frames, order)) for frames in sequences) for order in _ORDERS}
    numbers = 2.0 * sequences[0].shape[1]  # more numbers of the past fit any frames
    orders = [k for k, n in n_whole.items() if n >= max(numbers * k, _LEAST_SHARE * n_whole[0])]
    states, alone = (
        max(_innovations_marginal(sequences, each, order, max(orders), diagonal) for order in orders)
        for each in (looks, one)
    )
    return n_whole[0] / n_whole[max(orders)] * (states - alone) + probability_of_paths(parameters, paths)


def _innovations_marginal(
    sequences: Sequence[Array], looks: Sequence[Labels], order: int, longest: int, diagonal: bool
) -> float:
    """Return the log probability of what a linear function of the `order` frames before leaves of each frame."""
    frames, past, own = _with_past(sequences, looks, order, longest)
    one_hot = np.eye(own.max() + 1)[own]
    shares = one_hot / np.maximum(one_hot.sum(axis=0), 1.0)
    slopes = np.linalg.lstsq(past - (shares.T @ past)[own], frames - (shares.T @ frames)[own], rcond=None)[0]
    left = frames - past @ slopes
    emission = GaussianEmission.of([left], one_hot.shape[1], diagonal=diagonal)
    sums = emission.counted(left, one_hot)
    marginal = emission.expecting(sums).frames_marginal(sums)
    unit, paid = len(left) * np.log(emission.scale).sum(), 0.5 * slopes.size * np.log(len(left))
    return float(marginal - unit - paid)


def _with_past(
    sequences: Sequence[Array], looks: Sequence[Labels], order: int, longest: int
) -> tuple[Array, Array, Labels]:
    """Return frames whose `longest` past is seen, the `order` frames before each side by side, and their looks."""
    present, past, own = [], [], []
    for frames, look in zip(sequences, looks, strict=True):
        now = _whole(frames, longest)
        present.append(frames[now])
        past.append(np.hstack([np.empty((len(now), 0)), *(frames[now - lag] for lag in range(1, order + 1))]))
        own.append(look[now])
    return np.concatenate(present), np.concatenate(past), np.concatenate(own)


def _whole(frames: Array, order: int) -> Labels:
    """Return which frames are seen, and the `order` frames before them too."""
    seen = np.asarray(np.isfinite(frames).all(axis=1))
    now = np.arange(order, len(frames))
    return now[np.stack([seen[now - lag] for lag in range(order + 1)]).all(axis=0)]

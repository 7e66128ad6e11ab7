"""Where to begin: states from smoothed frames, since the start decides more than the climb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from motif.behavior.semi_markov._durations import DurationFamily, fit_durations
from motif.behavior.semi_markov._gaussian import GaussianEmission
from motif.behavior.semi_markov._parameters import PRIOR_TRANSITIONS, Parameters
from motif.smoothing._segments import segment_starts

__all__ = ["from_labels", "neutral", "smoothed_clusters"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def neutral(
    sequences: Sequence[Array],
    n_states: int,
    *,
    family: DurationFamily,
    shortest: int,
    typical: int,
    longest: int,
    diagonal: bool,
) -> Parameters:
    """Return a model in which all states are the same; durations in frames."""
    durations = np.tile([float(typical), 1.0 if family == "lognormal" else 2.0], (n_states, 1))
    if family == "free":
        durations = np.full((n_states, longest), 1.0 / longest)
    return Parameters(
        initial=np.full(n_states, 1.0 / n_states),
        transition=(1.0 - np.eye(n_states)) / max(n_states - 1, 1),
        family=family,
        durations=durations,
        shortest=shortest,
        longest=longest,
        emission=GaussianEmission.of(np.concatenate(sequences), n_states, diagonal=diagonal),
        look=np.arange(n_states),
    )


def smoothed_clusters(
    sequences: Sequence[Array], n_clusters: int, window: int, rng: np.random.Generator, *, at_most: int = 20_000
) -> list[Labels]:
    """Return a cluster for each frame: k-means on moving averages, learnt from `at_most` of them.

    Frames of one state differ by noise that an average over `window` frames takes away.
    """
    from sklearn.cluster import KMeans

    scale = np.nanstd(np.concatenate(sequences), axis=0) + 1e-12
    averaged = [_moving_average(frames / scale, window) for frames in sequences]
    together = np.concatenate(averaged)
    chosen = rng.permutation(len(together))[:at_most]
    kmeans = KMeans(n_clusters, n_init=2, random_state=int(rng.integers(2**31))).fit(together[chosen])
    return [kmeans.predict(frames).astype(np.int64) for frames in averaged]


def _moving_average(frames: Array, window: int) -> Array:
    seen = np.isfinite(frames)
    totals = uniform_filter1d(np.where(seen, frames, 0.0), window, axis=0, mode="nearest")
    shares = uniform_filter1d(seen.astype(np.float64), window, axis=0, mode="nearest")
    averaged: Array = np.divide(totals, shares, out=np.zeros_like(totals), where=shares > 1e-9)
    return averaged


def from_labels(model: Parameters, sequences: Sequence[Array], labels: Sequence[Labels]) -> Parameters:
    """Return `model` fitted to a state for each frame."""
    n_states = len(model.initial)
    counts = np.zeros((n_states, model.longest))
    follows = np.full((n_states, n_states), PRIOR_TRANSITIONS)
    for path in labels:
        starts = segment_starts(path)
        states = path[starts[:-1]]
        np.add.at(counts, (states, np.minimum(np.diff(starts), model.longest) - 1), 1.0)
        np.add.at(follows, (states[:-1], states[1:]), 1.0)
    follows *= 1.0 - np.eye(n_states)
    one_hot = np.eye(len(model.emission.means))[model.look[np.concatenate(labels)]]
    return replace(
        model,
        transition=follows / follows.sum(axis=1, keepdims=True),
        durations=fit_durations(model.family, counts, model.durations, model.shortest),
        emission=model.emission.fitted(np.concatenate(sequences), one_hot),
    )

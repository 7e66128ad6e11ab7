"""Where to begin: states from smoothed frames, since the start decides more than the climb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from motif.behavior.semi_markov._durations import Durations, segments_of
from motif.behavior.semi_markov._emission import Emission, summed
from motif.behavior.semi_markov._parameters import PRIOR_TRANSITIONS, Parameters, what_follows

__all__ = ["from_labels", "look_fitted", "neutral", "smoothed_clusters"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_MOST_FRAMES = 20_000
"""Averages that clusters are learnt from."""


def neutral(emission: Emission, durations: Durations) -> Parameters:
    """Return a model in which every state goes to every other."""
    n_states = durations.n_states
    return Parameters(
        initial=np.full(n_states, 1.0 / n_states),
        transition=what_follows(np.ones((n_states, n_states))),
        durations=durations,
        emission=emission,
        look=np.arange(n_states),
    )


def smoothed_clusters(
    sequences: Sequence[Array], n_clusters: int, window: int, rng: np.random.Generator
) -> list[Labels]:
    """Return a cluster for each frame (time, numbers): k-means on moving averages, learnt from 20,000 of them.

    Frames of one state differ by noise that an average over `window` frames takes away.
    """
    from sklearn.cluster import KMeans

    scale = np.nanstd(np.concatenate(sequences), axis=0) + 1e-12
    averaged = [_moving_average(frames / scale, window) for frames in sequences]
    together = np.concatenate(averaged)
    chosen = rng.permutation(len(together))[:_MOST_FRAMES]
    n_clusters = min(n_clusters, len(np.unique(together[chosen], axis=0)))
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
    follows = np.full_like(model.transition, PRIOR_TRANSITIONS)
    for path in labels:
        changes = np.flatnonzero(np.diff(path))
        np.add.at(follows, (path[changes], path[changes + 1]), 1.0)
    return replace(
        model,
        transition=what_follows(follows),
        durations=model.durations.learnt(segments_of(labels)),
        emission=look_fitted(model.emission, sequences, [model.look[path] for path in labels]),
    )


def look_fitted(emission: Emission, sequences: Sequence[Array], looks: Sequence[Labels]) -> Emission:
    """Return `emission` fitted to a look for each frame."""
    return emission.fitted(summed(emission, sequences, looks, np.eye(emission.n_looks)))

"""A second opinion beside the network: a shrunken linear discriminant of the window's summary, in the same graph.

It is solved, not trained, and bears few people better than gradients do; the network sees what is not linear and what
came first. How much either counts is learnt from windows that neither has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning._backend import keras

__all__ = ["Discriminant", "Moments", "fit_discriminant", "set_weights", "shrinkage_of", "with_discriminant"]

REACH = 20.0
"""Squared distance an axis, in spreads within a class, from which on evidence grows only with the logarithm."""
DEFAULT_WEIGHTS = (0.5, 15.0)
"""Of the network and the discriminant, where no windows were held out to learn them."""


def with_discriminant(network_logits: Any, summary: Any) -> Any:
    """Return logits that weigh the network's (batch, n_classes) with evidence from `summary` (batch, features).

    The evidence for a class is −log(1 + d²), d the distance to its mean in the discriminants' space: the logarithm of a
    Student t density. A window unlike all classes gets no sure answer, as it would under a Gaussian.
    """
    layers, ops = keras().layers, keras().ops
    n_classes = network_logits.shape[-1]
    frozen = {"trainable": False, "kernel_initializer": "zeros"}
    axes = layers.Dense(n_classes - 1, name="discriminant_axes", **frozen)(summary)
    crossed = layers.Dense(n_classes, name="discriminant_means", **frozen)(axes)
    squared = ops.sum(ops.square(axes), axis=-1, keepdims=True) + crossed
    evidence = -ops.log(1.0 + ops.relu(squared))
    both = layers.Concatenate(name="opinions")([network_logits, evidence])
    return layers.Dense(n_classes, name="logits", **frozen)(both)


@dataclass(frozen=True)
class Moments:
    """What a discriminant is solved from; moments of disjoint windows add up."""

    counts: NDArray[np.float64]  # (n_classes,)
    sums: NDArray[np.float64]  # (n_classes, features)
    products: NDArray[np.float64]  # (features, features)

    @classmethod
    def of(cls, summary: NDArray[np.float32], y: NDArray[np.int64], n_classes: int) -> Moments:
        """Take summaries (n, features) with classes `y`."""
        values = summary.astype(np.float64)
        member = np.eye(n_classes)[y]
        return cls(counts=member.sum(axis=0), sums=member.T @ values, products=values.T @ values)

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of both sets of windows."""
        return Moments(self.counts + other.counts, self.sums + other.sums, self.products + other.products)


@dataclass(frozen=True)
class Discriminant:
    """A space of discriminants, and where the class means lie in it."""

    center: NDArray[np.float64]  # (features,)
    axes: NDArray[np.float64]  # (features, n_classes − 1)
    means: NDArray[np.float64]  # (n_classes, n_classes − 1)

    @classmethod
    def solve(cls, moments: Moments, shrinkage: float) -> Discriminant:
        """Solve it; every class has to be present."""
        means = moments.sums / moments.counts[:, None]
        covariance = moments.products - (means.T * moments.counts) @ means
        covariance *= (1 - shrinkage) / moments.counts.sum()
        diagonal = np.diag_indices_from(covariance)
        covariance[diagonal] += shrinkage / (1 - shrinkage) * covariance[diagonal].mean() + 1e-6
        center = means.mean(axis=0)
        solved = np.linalg.solve(covariance, (means - center).T)
        spread, turn = np.linalg.eigh((means - center) @ solved)
        spread, turn = spread[1:], turn[:, 1:]  # k means differ in k − 1 directions
        useful = spread > 1e-9 * max(spread[-1], 1e-9)
        axes = solved @ turn * np.where(useful, 1 / np.sqrt(np.where(useful, spread, 1.0)), 0.0)
        axes /= np.sqrt(REACH * len(spread))
        return cls(center, axes, (means - center) @ axes)

    def evidence(self, summary: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (n, n_classes), as the graph does."""
        at = (summary - self.center) @ self.axes
        return np.asarray(-np.log1p(np.square(at[:, None] - self.means).sum(axis=2)))


def shrinkage_of(summary: NDArray[np.float32], y: NDArray[np.int64]) -> float:
    """Return how far the covariance within classes is shrunk, below 1.

    References
    ----------
    Ledoit, Wolf (2004), J. Multivariate Analysis 88(2):365–411.
    """
    from sklearn.covariance import ledoit_wolf_shrinkage

    values = summary.astype(np.float64)
    means = np.stack([values[y == label].mean(axis=0) for label in range(y.max() + 1)])
    return min(float(ledoit_wolf_shrinkage(values - means[y], assume_centered=True)), 1 - 1e-6)


def fit_discriminant(model: Any, summary: NDArray[np.float32], y: NDArray[np.int64]) -> None:
    """Solve the discriminant from standardized summaries (n, features) with classes `y`, every class present."""
    solved = Discriminant.solve(Moments.of(summary, y, int(y.max()) + 1), shrinkage_of(summary, y))
    model.get_layer("discriminant_axes").set_weights([solved.axes, -solved.center @ solved.axes])
    model.get_layer("discriminant_means").set_weights([-2 * solved.means.T, np.square(solved.means).sum(axis=1)])
    set_weights(model, DEFAULT_WEIGHTS)


def set_weights(model: Any, weights: tuple[float, ...]) -> None:
    """Let each of the opinions, the network's and others, count that much."""
    layer = model.get_layer("logits")
    identity = np.eye(layer.units)
    layer.set_weights([np.concatenate([weight * identity for weight in weights]), np.zeros(layer.units)])

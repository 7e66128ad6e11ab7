"""A second opinion on hands: a kernel machine on the window's summary, solved in one step, in the same graph.

A network trained by gradient relies on whatever tells its examples apart first, such as fingers that happened to be
bent; in the space in which windows of a class lie close together every feature has its say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.evaluation import fit_temperature
from motif.learning import fold_temperature, keras, output_of, predict, set_weights
from motif.learning._discriminant import shrinkage_of

__all__ = [
    "KernelMachine",
    "cool_opinions",
    "fit_kernel",
    "has_kernel",
    "temperatures_of_opinions",
    "with_kernel",
]

AXES = 60
CENTERS = 300
WIDTH = 1.2
"""Of the kernel exp(−WIDTH · d²), d² the mean squared distance over the axes, in spreads of all windows."""
STRAIGHT = 0.05
"""How much what is linear counts beside the kernel."""
ROUNDS = 10
"""Of k-means, in which the centres settle."""
RIDGE = 1e-2
BALANCE = 0.5
"""Classes count as the square root of how often they occur."""
GAIN = 10.0
"""A score of 1 is worth about so much of a network's logits, where no windows were held out to tell."""
SHARE = 2 / 3
"""Of the machine in what both say; the rest is the network's."""
LEAST_PROBABILITY = 1e-7
OPINIONS = ("network_logits", "kernel_scores")


def with_kernel(network_logits: Any, summary: Any) -> Any:
    """Return logits that pool what the network says, logits (batch, n_classes), and scores from `summary`.

    Probabilities are averaged, not logits: where the two disagree neither is believed, so that what was never taught
    gets no sure answer. The logits and scores go along with weight 0, for whoever adapts the last layer to a person.

    Parameters
    ----------
    network_logits : symbolic (batch, n_classes)
    summary : symbolic (batch, features)

    References
    ----------
    Stone (1961), The Opinion Pool, Annals of Mathematical Statistics 32(4):1339–1342.
    """
    layers, ops = keras().layers, keras().ops
    n_classes = network_logits.shape[-1]
    frozen = {"trainable": False, "kernel_initializer": "zeros"}
    axes = layers.Dense(AXES, name="kernel_axes", **frozen)(summary)
    crossed = layers.Dense(CENTERS, name="kernel_centers", **frozen)(axes)
    squared = ops.sum(ops.square(axes), axis=-1, keepdims=True) + crossed
    near = ops.exp(-WIDTH / AXES * ops.relu(squared))
    both = layers.Concatenate()([near, STRAIGHT * axes])
    scores = layers.Dense(n_classes, name="kernel_scores", **frozen)(both)
    pooled = (1 - SHARE) * ops.softmax(network_logits) + SHARE * ops.softmax(scores)
    said = ops.log(ops.maximum(pooled, LEAST_PROBABILITY))
    opinions = layers.Concatenate(name="opinions")([said, network_logits, scores])
    return layers.Dense(n_classes, name="logits", **frozen)(opinions)


@dataclass(frozen=True)
class KernelMachine:
    """Axes along which windows of a class lie close together, centres among the windows, and what each speaks for."""

    axes: NDArray[np.float64]  # (features, AXES)
    offset: NDArray[np.float64]  # (AXES,)
    centers: NDArray[np.float64]  # (at most CENTERS, AXES)
    scores: NDArray[np.float64]  # (n_centers + AXES + 1, n_classes)

    @classmethod
    def solve(
        cls, summary: NDArray[np.float32], y: NDArray[np.int64], otherwise: NDArray[np.float32] | None = None
    ) -> KernelMachine:
        """Solve it from standardized summaries (n, features) with classes `y` (n,), every class present.

        `otherwise` (n, features) are the same windows as they might have been recorded: how they differ belongs to what
        brings windows of a class together, and to nothing else, so that no made-up window speaks for a class.

        References
        ----------
        Williams, Seeger (2000), Using the Nyström Method to Speed Up Kernel Machines, NeurIPS 13.
        """
        values = summary.astype(np.float64)
        both = values if otherwise is None else np.concatenate([values, otherwise])
        axes, offset = _axes(both, np.tile(y, len(both) // len(y)))
        at = values @ axes + offset
        centers = _centers(at, y)
        basis = _basis(at, centers)
        weight = (np.bincount(y)[y] / len(y)) ** -BALANCE
        gram = basis.T @ (basis * weight[:, None])
        gram[np.diag_indices_from(gram)] += RIDGE * weight.sum() / len(gram)
        targets = GAIN * np.eye(y.max() + 1)[y]
        scores = np.linalg.solve(gram, basis.T @ (targets * weight[:, None]))
        return cls(axes, offset, centers, np.asarray(scores, np.float64))

    def opinion(self, summary: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return scores (n, n_classes), as the graph does."""
        return np.asarray(_basis(summary @ self.axes + self.offset, self.centers) @ self.scores)


def _axes(values: NDArray[np.float64], y: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Principal axes of all windows, once those of a class have spread 1 in every direction."""
    means = np.stack([values[y == label].mean(axis=0) for label in range(y.max() + 1)])
    within = values - means[y]
    shrinkage = shrinkage_of(values.astype(np.float32), y)
    covariance = (1 - shrinkage) * within.T @ within / len(within)
    covariance[np.diag_indices_from(covariance)] += shrinkage * np.square(within).mean() + 1e-9
    spread, turn = np.linalg.eigh(covariance)
    whitened = (values - values.mean(axis=0)) @ (turn / np.sqrt(spread))
    total, principal = np.linalg.eigh(whitened.T @ whitened / len(values))
    kept = principal[:, -AXES:] / np.sqrt(max(total[-AXES:].mean(), 1e-9))
    axes = np.zeros((values.shape[1], AXES))
    axes[:, : kept.shape[1]] = turn / np.sqrt(spread) @ kept
    return axes, -values.mean(axis=0) @ axes


def _centers(at: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Means of clusters, of each class as many as the square root of how many windows it has, in proportion."""
    from sklearn.cluster import KMeans

    shares = np.sqrt(np.bincount(y))
    wanted = np.maximum(1, CENTERS * shares / shares.sum()).astype(int)
    chosen = []
    for label, count in enumerate(wanted):
        own = np.unique(at[y == label], axis=0)
        clusters = KMeans(min(count, len(own)), n_init=1, max_iter=ROUNDS, random_state=0).fit(own)
        chosen.append(clusters.cluster_centers_)
    return np.concatenate(chosen)[:CENTERS]


def _basis(at: NDArray[np.float64], centers: NDArray[np.float64]) -> NDArray[np.float64]:
    squared = np.square(at).sum(axis=1)[:, None] + np.square(centers).sum(axis=1) - 2 * at @ centers.T
    near = np.exp(-WIDTH / AXES * np.maximum(squared, 0.0))
    return np.concatenate([near, STRAIGHT * at, np.ones((len(at), 1))], axis=1)


def fit_kernel(
    model: Any, summary: NDArray[np.float32], y: NDArray[np.int64], otherwise: NDArray[np.float32] | None = None
) -> None:
    """Solve the machine as `KernelMachine.solve` does, from what the model's standardized summary is."""
    solved = KernelMachine.solve(summary, y, otherwise)
    n_centers, n_classes = len(solved.centers), solved.scores.shape[1]
    crossed, level = np.zeros((AXES, CENTERS)), np.zeros(CENTERS)
    crossed[:, :n_centers], level[:n_centers] = -2 * solved.centers.T, np.square(solved.centers).sum(axis=1)
    scores = np.zeros((CENTERS + AXES, n_classes))
    scores[:n_centers], scores[CENTERS:] = solved.scores[:n_centers], solved.scores[n_centers:-1]
    model.get_layer("kernel_axes").set_weights([solved.axes, solved.offset])
    model.get_layer("kernel_centers").set_weights([crossed, level])
    model.get_layer("kernel_scores").set_weights([scores, solved.scores[-1]])
    set_weights(model, (1.0, 0.0, 0.0))


def temperatures_of_opinions(model: Any, windows: NDArray[np.float32], y: NDArray[np.int64]) -> tuple[float, ...]:
    """Return by how much network and machine are too sure, from windows that neither has seen, and their classes."""
    return tuple(fit_temperature(predict(output_of(model, name), windows), y) for name in OPINIONS)


def cool_opinions(model: Any, temperatures: tuple[float, ...]) -> None:
    """Divide what network and machine say by that much before it is pooled."""
    for name, temperature in zip(OPINIONS, temperatures, strict=True):
        fold_temperature(model, temperature, name)


def has_kernel(model: Any) -> bool:
    """Return whether a kernel machine stands beside the network."""
    return any(layer.name == "kernel_scores" for layer in model.layers)

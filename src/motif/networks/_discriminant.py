"""A second opinion beside the network: a shrunken linear discriminant of the window's summary, in the same graph.

It is solved, not trained, and bears few people better than gradients do; the network sees what is not linear and what
came first. How much either counts is learnt from windows that neither has seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.networks._backend import keras

__all__ = ["fit_discriminant", "fit_weights", "set_weights", "with_discriminant"]

REACH = 20.0
"""Squared distance an axis, in spreads within a class, from which on evidence grows only with the logarithm."""
DEFAULT_WEIGHTS = (0.5, 15.0)
"""Of the network and the discriminant, where no windows were held out to learn them."""
LIMITS = ((0.0, 2.0), (0.1, 50.0))
SHARES = (0.0, 0.125, 0.25, 0.5, 1.0)
"""Of the likeliest ratio between network and discriminant: the ratios to choose from."""


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


def fit_discriminant(model: Any, summary: NDArray[np.float32], y: NDArray[np.int64]) -> None:
    """Solve the discriminant from standardized summaries (n, features) with classes `y`, every class present.

    References
    ----------
    Ledoit, Wolf (2004), J. Multivariate Analysis 88(2):365–411, for how far the covariance is shrunk.
    """
    from sklearn.covariance import ledoit_wolf_shrinkage

    values = summary.astype(np.float64)
    means = np.stack([values[y == label].mean(axis=0) for label in range(y.max() + 1)])
    within = values - means[y]
    shrinkage = ledoit_wolf_shrinkage(within, assume_centered=True)
    covariance = (1 - shrinkage) * (within.T @ within) / len(within)
    covariance[np.diag_indices_from(covariance)] += shrinkage * np.square(within).mean() + 1e-6
    center = means.mean(axis=0)
    solved = np.linalg.solve(covariance, (means - center).T)
    spread, turn = np.linalg.eigh((means - center) @ solved)
    spread, turn = spread[1:], turn[:, 1:]  # k means differ in k − 1 directions
    useful = spread > 1e-9 * max(spread[-1], 1e-9)
    axes = solved @ turn * np.where(useful, 1 / np.sqrt(np.where(useful, spread, 1.0)), 0.0)
    axes /= np.sqrt(REACH * len(spread))
    at = (means - center) @ axes
    model.get_layer("discriminant_axes").set_weights([axes, -center @ axes])
    model.get_layer("discriminant_means").set_weights([-2 * at.T, np.square(at).sum(axis=1)])
    set_weights(model, DEFAULT_WEIGHTS)


def fit_weights(opinions: NDArray[np.float32], y: NDArray[np.int64]) -> tuple[float, float]:
    """Return how much network and discriminant should count, from windows that neither has seen.

    Of the shares the network may have, none to the likeliest, the smallest is taken whose loss is within two
    standard errors of the likeliest one's. Windows of one class are near copies, so the error is that of a mean over
    classes: a network has to help with most of them, as no single class of a single person tells how others will do.

    Parameters
    ----------
    opinions : (n, 2 · n_classes)
        Logits of the network, then evidence of the discriminant: output of the layer `opinions`.
    y : (n,)
        Class indices.

    References
    ----------
    Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees, section 3.4.3, for the rule
    (with one standard error, which the luck of a single person still reaches).
    """
    both = opinions.astype(np.float64).reshape(len(y), 2, -1).transpose(1, 0, 2)
    likeliest = _likeliest(both, y)
    candidates = [_mixed(both, y, share * likeliest[0] / likeliest[1]) for share in SHARES]
    losses = np.array([_class_losses(np.tensordot(weights, both, 1), y) for weights in candidates])
    excess = losses - losses[-1]
    error = 2 * excess.std(axis=1) / np.sqrt(max(excess.shape[1] - 1, 1))
    weights = candidates[int(np.argmax(excess.mean(axis=1) <= error))]
    return float(weights[0]), float(weights[1])


def _likeliest(opinions: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights (k,) of `opinions` (k, n, n_classes) under which `y` is likeliest; the problem is convex."""
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    true = opinions[:, np.arange(len(y)), y].mean(axis=1)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = np.tensordot(weights, opinions, 1)
        total = logsumexp(logits, axis=1, keepdims=True)
        expected = (np.exp(logits - total) * opinions).sum(axis=2).mean(axis=1)
        return float(total.mean() - weights @ true), expected - true

    count = len(opinions)
    found = minimize(loss, DEFAULT_WEIGHTS[-count:], jac=True, method="L-BFGS-B", bounds=LIMITS[-count:])
    return np.asarray(found.x, np.float64)


def _mixed(both: NDArray[np.float64], y: NDArray[np.int64], ratio: float) -> NDArray[np.float64]:
    """The likeliest weights among those where the network counts `ratio` times as much as the discriminant."""
    scale = float(_likeliest((ratio * both[0] + both[1])[None], y)[0])
    return np.array([ratio * scale, scale])


def _class_losses(logits: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean negative log-likelihood within each class that occurs."""
    from scipy.special import log_softmax

    losses = -log_softmax(logits, axis=1)[np.arange(len(y)), y]
    return np.array([losses[y == label].mean() for label in np.unique(y)])


def set_weights(model: Any, weights: tuple[float, float]) -> None:
    """Let network and discriminant count that much."""
    layer = model.get_layer("logits")
    identity = np.eye(layer.units)
    layer.set_weights([np.concatenate([weight * identity for weight in weights]), np.zeros(layer.units)])

"""How far a window lies outside all that was taught, in the same graph: there, nobody is sure.

A network and a discriminant answer anywhere, and far from their examples the more surely the farther. For each feature
of a window's description the smallest and largest value that was taught are kept; beyond them evidence falls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning._backend import arrays, keras
from motif.learning._layers import part_of
from motif.learning._predict import predict

__all__ = ["DOUBTED", "doubted", "fit_reach", "fit_taught_range", "widen_taught_range"]

DOUBTED = "doubted"
"""Name of the layer that weakens logits."""
RANGE, REACH = "taught_range", "taught_reach"
LEAST_HALF_RANGE = 1.0
"""Of a feature, in its standard deviations: one that never changed may do so a little."""
LEAST_REACH = 0.08
"""Mean distance beyond the ranges, in half ranges, at which evidence has fallen to a third. Of left-out people of
`dsads` none was beyond 0.002, with one person taught 0.01; a still sensor, or a gyroscope in the accelerometer's place,
lies at 0.15 and beyond, a unit mistake of a thousand at 100."""
ORDINARY_SHARE = 0.99
"""Of the windows held out, of which the farthest says how far somebody new may be."""


def doubted(logits: Any, description: Any) -> Any:
    """Return logits (batch, n_classes) that fall to 0 where `description` (batch, features) leaves what was taught.

    What counts is how far beyond their ranges the features are on average, in half ranges: one odd feature of many
    changes little. Within the ranges nothing changes.
    """
    layers, ops = keras().layers, keras().ops
    frozen = {"center": False, "scale": False, "epsilon": 1e-12, "trainable": False}
    within = layers.BatchNormalization(name=RANGE, **frozen)(description)
    beyond = ops.mean(ops.relu(within - 1.0) + ops.relu(-1.0 - within), axis=-1, keepdims=True)
    reach = keras().initializers.Constant(LEAST_REACH**2)
    far = layers.BatchNormalization(name=REACH, moving_variance_initializer=reach, **frozen)(beyond)
    return layers.Multiply(name=DOUBTED)([logits, ops.exp(-ops.square(far))])


def fit_taught_range(model: Any, windows: NDArray[np.float32]) -> None:
    """Learn the range of each feature from `windows`."""
    described = predict(_input_of(model, RANGE), windows)
    _set_range(model, described.min(axis=0), described.max(axis=0))


def fit_reach(model: Any, held_out: NDArray[np.float32]) -> None:
    """Learn how far beyond what was taught ordinary windows go, from windows that were not."""
    beyond = predict(_input_of(model, REACH), held_out)
    reach = max(LEAST_REACH, 2 * float(np.quantile(beyond, ORDINARY_SHARE)))
    model.get_layer(REACH).set_weights([np.zeros(1), np.full(1, reach**2)])


def widen_taught_range(model: Any, windows: NDArray[np.float32]) -> None:
    """Count `windows` among what was taught, too; a model without ranges is left as it is."""
    if not any(layer.name == RANGE for layer in model.layers):
        return
    middle, squared = arrays(model.get_layer(RANGE).weights)
    described, half = predict(_input_of(model, RANGE), windows), np.sqrt(squared)
    _set_range(
        model, np.minimum(middle - half, described.min(axis=0)), np.maximum(middle + half, described.max(axis=0))
    )


def _input_of(model: Any, name: str) -> Any:
    return part_of(model, f"before {name}", model.get_layer(name).input)


def _set_range(model: Any, low: NDArray[np.float32], high: NDArray[np.float32]) -> None:
    half = np.maximum((high - low) / 2, LEAST_HALF_RANGE)
    model.get_layer(RANGE).set_weights([(low + high) / 2, np.square(half)])

"""Layers whose weights are solved from data instead of trained, and parts of a model by name."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from motif.learning._backend import arrays, keras

__all__ = ["fit_standardized", "fold_temperature", "logits_model", "output_of", "part_of", "standardized"]

BATCH = 512

_PARTS: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


def standardized(name: str, features: Any, *, least_variance: float = 1e-6) -> Any:
    """Frozen batch normalization: mean and variance are weights, so one compiled program serves every data set.

    `least_variance` is added to every variance; what varies far less is not blown up to the size of the others.
    """
    return keras().layers.BatchNormalization(
        center=False, scale=False, epsilon=least_variance, trainable=False, name=f"standardize_{name}"
    )(features)


def fit_standardized(model: Any, windows: NDArray[np.float32]) -> None:
    """Learn mean and spread of every standardized feature from `windows`; one that never changes stays at zero."""
    layers = [layer for layer in model.layers if layer.name.startswith("standardize_")]
    described = part_of(model, "standardized", {layer.name: layer.input for layer in layers})  # all by one program
    values = [described.predict_on_batch(windows[i : i + BATCH]) for i in range(0, len(windows), BATCH)]
    for layer in layers:
        of_layer = np.concatenate([part[layer.name] for part in values])
        flat = of_layer.reshape(-1, of_layer.shape[-1]).astype(np.float64)
        variance = flat.var(axis=0)
        rounding = np.square(1e-7 * np.abs(flat).max(axis=0))
        never_changes = variance < np.maximum(1e-4 * layer.epsilon, rounding)
        layer.set_weights([flat.mean(axis=0), np.where(never_changes, 1.0, variance)])


def output_of(model: Any, name: str) -> Any | None:
    """Return the model up to its layer `name`, weights shared; None where there is no such layer."""
    layer = next((layer for layer in model.layers if layer.name == name), None)
    return layer and part_of(model, name, layer.output)


def part_of(model: Any, name: str, output: Any) -> Any:
    """Return the model up to a tensor; the same whenever asked, so that it is traced and compiled once."""
    parts = _PARTS.setdefault(model, {})
    if name not in parts:
        parts[name] = keras().Model(model.input, output)
    return parts[name]


def logits_model(model: Any) -> Any:
    """Return the same model, weights shared, without the softmax at its end."""
    return part_of(model, "logits", model.get_layer("logits").output)


def fold_temperature(model: Any, temperature: float, name: str = "logits") -> None:
    """Divide the logits by `temperature`, in the weights of the layer `name`: whatever is exported is calibrated."""
    layer = model.get_layer(name)
    layer.set_weights([weights / temperature for weights in arrays(layer.weights)])

"""The last layer of any Keras classifier: what it sees, what it makes of that, and how a solved change gets into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError
from motif.learning import DOUBTED, arrays, keras, predict
from motif.networks.personal._choice import Samples
from motif.networks.personal._head import HeadChange

__all__ = ["LastLayer"]

PERSONAL_LAYER = "personal"
LEAST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class LastLayer:
    """A model with windows as input and a softmax at its end, whose last dense layer can be changed."""

    model: Any
    """keras.Model."""
    dense: Any
    """Its last dense layer, the one before or with the softmax."""
    _below: Any
    """keras.Model from windows to what `dense` sees, weights shared."""

    @classmethod
    def of(cls, model: Any) -> LastLayer:
        """Find the last dense layer; a model that ends otherwise gets one that changes nothing yet.

        Raises
        ------
        ConfigError
            The model has several inputs or outputs, or its output is no row of class probabilities.
        """
        if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.outputs[0].shape) != 2:
            raise ConfigError(
                f"the base model maps {[tuple(i.shape) for i in model.inputs]} to "
                f"{[tuple(o.shape) for o in model.outputs]}; want one batch of windows to (n, n_classes) probabilities"
            )
        dense = _dense_before_softmax(model)
        if dense is None:
            model = _with_dense(model)
            dense = model.get_layer(PERSONAL_LAYER)
        return cls(model, dense, keras().Model(model.inputs[0], dense.input))

    def samples(
        self, X: NDArray[np.float32], y: NDArray[np.int64], groups: NDArray[np.generic] | None = None
    ) -> Samples:
        """Run windows up to the last layer."""
        embedding = predict(self._below, X).astype(np.float64)
        kernel, bias = self._weights()
        return Samples(embedding, embedding @ kernel + bias, y, groups)

    def add(self, change: HeadChange) -> None:
        """Add a solved change to the layer's weights."""
        kernel, bias = self._weights()
        self.dense.set_weights([kernel + change.kernel, bias + change.bias])

    def _weights(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        kernel, bias = (values.astype(np.float64) for values in arrays(self.dense.weights))
        return kernel, bias


def _dense_before_softmax(model: Any) -> Any | None:
    """Return the dense layer whose logits the model's softmax takes, None where there is another construction."""
    layers = keras().layers
    found, wanted = _maker(model.outputs[0]), "softmax"
    if isinstance(found, layers.Softmax) or (isinstance(found, layers.Activation) and _activation(found) == wanted):
        found, wanted = _maker(found.input), "linear"
        if found.name == DOUBTED:
            found = _maker(found.input[0])
    if not isinstance(found, layers.Dense) or _activation(found) != wanted:
        return None
    usable = found in model.layers and found.use_bias and len(found._inbound_nodes) == 1
    return found if usable else None


def _maker(tensor: Any) -> Any:
    return tensor._keras_history.operation


def _activation(layer: Any) -> str:
    return str(getattr(layer.activation, "__name__", ""))


def _with_dense(model: Any) -> Any:
    """Return the model with log-probabilities and a dense layer, the identity, before a softmax of its own."""
    k = keras()
    n_classes = model.outputs[0].shape[-1]
    log_p = k.ops.log(k.ops.maximum(model.outputs[0], LEAST_PROBABILITY))
    logits = k.layers.Dense(n_classes, kernel_initializer="identity", name=PERSONAL_LAYER)(log_p)
    return k.Model(model.inputs[0], k.layers.Softmax()(logits), name=model.name)

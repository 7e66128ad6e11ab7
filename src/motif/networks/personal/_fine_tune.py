"""A few small steps of gradient for the layers a strategy leaves free, after the head was solved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning import arrays, class_weights, keras
from motif.networks.personal._choice import Samples, solve_chosen
from motif.networks.personal._config import CalibrationConfig
from motif.networks.personal._last_layer import LastLayer

__all__ = ["FineTuner", "freeze"]

FROZEN_SHARES = {"last_block": 0.6, "half": 0.5}
SEED = 0


def freeze(last: LastLayer, strategy: str) -> None:
    """Set which layers may change; batch normalization never may, as four samples tell nothing of a population.

    The share is counted over all layers and over those that have weights: a layer stays as it is if either says so.
    """
    layers = last.model.layers
    if strategy == "head_only":
        frozen = {id(layer) for layer in layers} - {id(last.dense)}
    else:
        weighted = [layer for layer in layers if layer.weights]
        frozen = {id(layer) for part in (layers, weighted) for layer in _first(part, FROZEN_SHARES[strategy])}
    for layer in layers:
        if id(layer) in frozen - {id(last.dense)}:
            layer.trainable = False
        for inner in layer._flatten_layers():
            if isinstance(inner, keras().layers.BatchNormalization):
                inner.trainable = False
    last.dense.trainable = True


def _first(layers: list[Any], share: float) -> list[Any]:
    return layers[: int(share * len(layers))]


class FineTuner:
    """Adapt a model again and again from the same start, compiled once."""

    def __init__(self, last: LastLayer, config: CalibrationConfig) -> None:
        self._last = last
        self._config = config
        freeze(last, config.freeze_strategy)
        optimizer = keras().optimizers.Adam(config.learning_rate)
        optimizer.build(last.model.trainable_variables)
        last.model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
        self._variables = [*last.model.variables, *optimizer.variables]
        self._start = arrays(self._variables)

    def judge(
        self, samples: Samples, X: NDArray[np.float32], report: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float64]:
        """Return logits (n, n_classes) for each sample, of a model that was adapted without it."""
        logits = samples.logits.copy()
        fold = samples.fold
        folds = np.unique(fold)
        for done, out in enumerate(folds):
            rows = fold == out
            if (~rows).any():
                self.adapt(samples.take(~rows), X[~rows])
                logits[rows] = self._last.samples(X[rows], samples.y[rows], None).logits
            if report:
                report(done + 1, len(folds))
        self.reset()
        return logits

    def adapt(self, samples: Samples, X: NDArray[np.float32]) -> None:
        """Solve the head and fine-tune, from the base."""
        self.reset()
        if (change := solve_chosen(samples)) is not None:
            self._last.add(change)
        rng = np.random.default_rng(SEED)
        weight = class_weights(samples.y, samples.logits.shape[1], 1.0)
        size = min(self._config.batch_size, len(X))
        for _ in range(self._config.epochs):
            order = rng.permutation(len(X))
            order = np.concatenate([order, order[: -len(X) % size]])  # a shorter batch would be compiled anew
            for rows in order.reshape(-1, size):
                self._last.model.train_on_batch(X[rows], samples.y[rows], sample_weight=weight[rows])

    def reset(self) -> None:
        """Go back to the base."""
        for variable, value in zip(self._variables, self._start, strict=True):
            variable.assign(value)

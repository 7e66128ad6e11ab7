"""A few small steps of gradient for the layers a strategy leaves free, after the head was solved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from motif.learning import arrays, assign, class_weights, keras, shuffled_batches
from motif.networks.personal._choice import Samples, chosen_change
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
        frozen = layers
    else:
        share = FROZEN_SHARES[strategy]
        weighted = [layer for layer in layers if layer.weights]
        frozen = [layer for part in (layers, weighted) for layer in part[: int(share * len(part))]]
    for layer in frozen:
        layer.trainable = False
    for layer in layers:
        for inner in layer._flatten_layers():
            if isinstance(inner, keras().layers.BatchNormalization):
                inner.trainable = False
    last.dense.trainable = True


class FineTuner:
    """Adapt a model again and again from the same start, compiled once."""

    def __init__(self, last: LastLayer, config: CalibrationConfig, caution: float) -> None:
        self._last = last
        self._config = config
        self._caution = caution
        freeze(last, config.freeze_strategy)
        optimizer = keras().optimizers.Adam(config.learning_rate)
        optimizer.build(last.model.trainable_variables)
        last.model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
        self._variables = [*last.model.variables, *optimizer.variables]
        self._start = arrays(self._variables)

    def judge(
        self, samples: Samples, X: NDArray[np.float32], report: Callable[[], None] | None = None
    ) -> NDArray[np.float64]:
        """Return logits (n, n_classes) for each sample, of a model that was adapted without it."""
        logits = samples.logits.copy()
        for rows, kept in samples.folds():
            self.adapt(kept, X[~rows])
            logits[rows] = self._last.samples(X[rows], samples.y[rows]).logits
            if report:
                report()
        self.reset()
        return logits

    def adapt(self, samples: Samples, X: NDArray[np.float32]) -> None:
        """Solve the head and fine-tune, from the base."""
        self.reset()
        if (change := chosen_change(samples, self._caution)) is not None:
            self._last.add(change)
        rng = np.random.default_rng(SEED)
        weight = class_weights(samples.y, 1.0)
        for _ in range(self._config.epochs):
            for rows in shuffled_batches(len(X), self._config.batch_size, rng):
                self._last.model.train_on_batch(X[rows], samples.y[rows], sample_weight=weight[rows])

    def reset(self) -> None:
        """Go back to the base."""
        assign(self._variables, self._start)

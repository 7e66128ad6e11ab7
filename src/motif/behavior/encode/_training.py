"""One run of training: batches, a falling learning rate, the best epoch held out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from motif.learning import arrays, assign, diverged, keras, shuffled_batches

__all__ = ["Run", "Steps"]

Batch = Callable[[NDArray[np.int64], np.random.Generator], tuple[Any, Any]]
"""From rows and a source of randomness to what the model takes and what it should answer."""


class Steps(Protocol):
    """How large steps are, and when there are enough."""

    @property
    def learning_rate(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def patience(self) -> int | None: ...


class Run:
    """Trains `model` in place; the same seed and data give the same weights."""

    def __init__(self, model: Any, loss: Any, settings: Steps, seed: int) -> None:
        self.model, self.settings, self.seed = model, settings, seed
        optimizer = keras().optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        optimizer.build(model.trainable_variables)
        model.compile(optimizer=optimizer, loss=loss)
        self._variables = [*model.variables, *optimizer.variables]
        self._start = arrays(self._variables)
        self._batch_size = 0

    def begin_again(self) -> None:
        """Put everything back to where it was before the first epoch."""
        assign(self._variables, self._start)

    def epochs(self, n: int, batch: Batch, epochs: int, judge: Callable[[], float] | None = None) -> list[float]:
        """Train on rows 0 … n − 1 and return the loss `judge` found after each epoch; end with the best weights.

        Without a judge the last weights stay. `settings.patience` epochs without a better loss end the run.

        Raises
        ------
        ConfigError
            The loss is no number any more, and no epoch before it was better.
        """
        losses: list[float] = []
        best = None
        if not self._batch_size:  # few sizes, and one for all stages: each is compiled anew
            self._batch_size = min(self.settings.batch_size, 1 << (n.bit_length() - 1))
        for epoch in range(epochs):
            self.model.optimizer.learning_rate = self.settings.learning_rate * self._share(epoch, epochs)
            rng = np.random.default_rng((self.seed, epoch))
            for rows in shuffled_batches(n, self._batch_size, rng):
                trained = self.model.train_on_batch(*batch(rows, rng))
            loss = float(trained) if judge is None else judge()
            if best is None and not math.isfinite(loss):
                raise diverged(epoch + 1, epochs, self.settings.learning_rate)
            if judge is None:
                continue
            losses.append(loss if math.isfinite(loss) else math.inf)
            if losses[-1] == min(losses):
                best = arrays(self.model.variables)
            if self.settings.patience and epoch - int(np.argmin(losses)) >= self.settings.patience:
                break
        if best is not None:
            assign(self.model.variables, best)
        return losses

    @staticmethod
    def _share(epoch: int, epochs: int) -> float:
        """Fall from 1 along half a cosine; the first tenth of the epochs rises."""
        warm_up = max(1, epochs // 10)
        return min((epoch + 1) / (warm_up + 1), (1 + math.cos(math.pi * epoch / epochs)) / 2)

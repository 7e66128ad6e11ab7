"""One run of training: batches, schedule, averaging, early stopping; resumable after every epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning import (
    arrays,
    assign,
    diverged,
    keras,
    logits_model,
    losses_of,
    output_of,
    predict,
    shuffled_batches,
)
from motif.networks._augment import Augment
from motif.networks._checkpoint import Arrays, Checkpoint

__all__ = ["Epoch", "Examples", "Plan", "Run", "best_epoch", "train"]

AVERAGE = 0.7
"""Share of the averaged weights that stays when an epoch's weights come in."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a network is trained."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    label_smoothing: float
    patience: int | None
    seed: int


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Windows (n, …), class indices (n,) and how much each counts (n,)."""

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    weight: NDArray[np.float32]

    def take(self, rows: NDArray[np.generic]) -> Examples:
        """Return some of them."""
        return Examples(X=self.X[rows], y=self.y[rows], weight=self.weight[rows])


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """What is known at the end of an epoch; a progress callback gets one."""

    stage: str
    """"search" while a part is held out, "refit" on all windows."""
    epoch: int
    """1 … `epochs`."""
    epochs: int
    loss: float
    """Mean over the training windows, as augmented, while the weights changed."""
    accuracy: float
    """Share of the training windows that were right, likewise."""
    held_out_loss: float | None
    """Mean negative log-likelihood of the windows held out."""
    held_out_accuracy: float | None
    learning_rate: float
    seconds: float

    @property
    def logs(self) -> dict[str, float]:
        """What a Keras callback hears, by the names Keras gives."""
        logs = {"loss": self.loss, "accuracy": self.accuracy, "learning_rate": self.learning_rate}
        held_out = {"val_loss": self.held_out_loss, "val_accuracy": self.held_out_accuracy}
        return logs | {name: value for name, value in held_out.items() if value is not None}


def train(
    run: Run,
    examples: Examples,
    *,
    stage: str,
    held_out: Examples | None = None,
    augment: Augment | None = None,
    checkpoint: Checkpoint | None = None,
    report: Callable[[Epoch], None] | None = None,
    callbacks: Sequence[Any] = (),
) -> list[Epoch]:
    """Train a run's model in place and return what happened; it ends with the weights of the best epoch held out.

    AdamW under a cosine schedule with a warm-up; weights are averaged over time (exponentially). What is random depends
    on the plan's seed and the epoch alone, so a run that goes on from a checkpoint ends with the weights it would have
    had. Keras `callbacks` watch: they hear of the beginning, of each epoch and of the end.

    Raises
    ------
    ConfigError
        The loss is no number any more, and no epoch before it was better.
    """
    plan = run.plan
    listeners = keras().callbacks.CallbackList(list(callbacks), model=run.whole, epochs=plan.epochs)
    history: list[Epoch] = []
    if checkpoint and (stored := checkpoint.load()):
        progress, arrays = stored
        history = [Epoch(**epoch) for epoch in progress["history"]]
        run.restore(arrays)
    listeners.on_train_begin()
    for epoch in range(len(history) + 1, plan.epochs + 1):
        if _gave_up(history, plan.patience):
            break
        started = time.perf_counter()
        listeners.on_epoch_begin(epoch - 1)
        loss, accuracy = run.epoch(examples, augment, epoch)
        held_out_loss, held_out_accuracy = run.judge(held_out)
        is_lost = not math.isfinite(loss if held_out_loss is None else held_out_loss)
        if is_lost and (held_out is None or not history):
            raise diverged(epoch, plan.epochs, plan.learning_rate)
        history.append(
            Epoch(
                stage=stage,
                epoch=epoch,
                epochs=plan.epochs,
                loss=loss,
                accuracy=accuracy,
                held_out_loss=held_out_loss,
                held_out_accuracy=held_out_accuracy,
                learning_rate=_learning_rate(plan, epoch),
                seconds=time.perf_counter() - started,
            )
        )
        if best_epoch(history) == epoch:
            run.keep()
        if checkpoint:
            checkpoint.save({"history": [asdict(done) for done in history]}, run.state())
        if report:
            report(history[-1])
        listeners.on_epoch_end(epoch - 1, history[-1].logs)
    run.finish()
    listeners.on_train_end()
    return history


def best_epoch(history: list[Epoch]) -> int:
    """Return the number of the epoch with the smallest loss held out, or of the last one where nothing was held out."""
    losses = [epoch.held_out_loss for epoch in history if epoch.held_out_loss is not None]
    return int(np.argmin(np.nan_to_num(losses, nan=np.inf))) + 1 if losses else len(history)


def _gave_up(history: list[Epoch], patience: int | None) -> bool:
    return patience is not None and len(history) - best_epoch(history) >= patience


def _learning_rate(plan: Plan, epoch: int) -> float:
    """Rise linearly over the first tenth of the epochs, then fall to zero along half a cosine."""
    warm_up = max(1, plan.epochs // 10)
    if epoch <= warm_up:
        return plan.learning_rate * epoch / warm_up
    done = (epoch - warm_up) / (plan.epochs - warm_up + 1)
    return plan.learning_rate * (1 + math.cos(math.pi * done)) / 2


class Run:
    """The moving parts of a run: the model without its softmax, the optimizer, the averaged and the best weights.

    One may begin again: what was compiled for it stays.
    """

    def __init__(self, model: Any, plan: Plan) -> None:
        self.plan, self.whole = plan, model
        self.model = output_of(model, "network_logits") or logits_model(model)
        self.n_classes: int = self.model.output_shape[-1]
        optimizer = keras().optimizers.AdamW(plan.learning_rate, weight_decay=plan.weight_decay)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        optimizer.build(self.model.trainable_variables)
        loss = keras().losses.CategoricalCrossentropy(from_logits=True, label_smoothing=plan.label_smoothing)
        self.model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
        self.variables = [*self.model.variables, *optimizer.variables]
        self.averaged: Arrays = []
        self.best: Arrays = []
        self._first = arrays(self.variables)

    def begin_again(self, plan: Plan) -> None:
        """Take up another plan, of as much decay and smoothing, with the weights of the beginning."""
        self.plan = plan
        self.restore({"variables": self._first, "averaged": [], "best": []})

    def epoch(self, examples: Examples, augment: Augment | None, epoch: int) -> tuple[float, float]:
        """Take every window once; return mean loss and accuracy."""
        rng = np.random.default_rng((self.plan.seed, epoch))
        targets = np.eye(self.n_classes, dtype=np.float32)
        self.model.optimizer.learning_rate = _learning_rate(self.plan, epoch)
        self.model.reset_metrics()
        loss = accuracy = np.nan
        n = len(examples.X)
        for rows in shuffled_batches(n, min(n, self.plan.batch_size), rng):
            batch = examples.take(rows)
            X = augment(batch.X, rng) if augment else batch.X
            loss, accuracy = self.model.train_on_batch(X, targets[batch.y], sample_weight=batch.weight)
        self._average()
        return float(loss), float(accuracy)

    def _average(self) -> None:
        weights = arrays(self.model.weights)
        pairs = zip(self.averaged or weights, weights, strict=True)
        self.averaged = [(AVERAGE * old + (1 - AVERAGE) * new).astype(new.dtype) for old, new in pairs]

    def judge(self, held_out: Examples | None) -> tuple[float | None, float | None]:
        """Return loss and accuracy of the averaged weights on the windows held out."""
        if held_out is None:
            return None, None
        weights = arrays(self.model.weights)
        self.model.set_weights(self.averaged)
        logits = predict(self.model, held_out.X).astype(np.float64)
        self.model.set_weights(weights)
        right = logits.argmax(axis=1) == held_out.y
        return float(losses_of(logits, held_out.y).mean()), float(right.mean())

    def keep(self) -> None:
        self.best = self.averaged

    def finish(self) -> None:
        self.model.set_weights(self.best)

    def state(self) -> dict[str, Arrays]:
        return {"variables": arrays(self.variables), "averaged": self.averaged, "best": self.best}

    def restore(self, arrays: dict[str, Arrays]) -> None:
        assign(self.variables, arrays["variables"])
        self.averaged, self.best = arrays["averaged"], arrays["best"]

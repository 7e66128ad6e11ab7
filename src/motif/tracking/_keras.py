"""A Keras callback that tells a tracker what happens; it needs no TensorFlow."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from motif.optional import require

if TYPE_CHECKING:
    from motif.tracking._tracker import ExperimentTracker

__all__ = ["keras_callback"]

SHARE_FOR_WEIGHTS = 0.01
"""Share of the time since training began that histograms of the weights may cost; the first and the last are drawn."""


def keras_callback(tracker: ExperimentTracker) -> Any:
    """Return a `keras.callbacks.Callback`.

    Raises
    ------
    MissingExtraError
        Keras is not installed.
    """
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = require("keras", extra="train")

    base: Any = keras.callbacks.Callback

    class Tracking(base):  # type: ignore[misc]
        """Metrics and learning rate of each epoch; weights now and then; the graph once."""

        def __init__(self) -> None:
            super().__init__()
            self._watch = _Watch()

        def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            tracker.log_graph(self.model)

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            step = max(epoch + 1, tracker.step + 1)  # a second stage, or a run that goes on, counts on
            tracker.log_metrics(dict(logs or {}) | _learning_rate(self.model, logs or {}), step)
            if self._watch.has_time():
                self._draw(step)

        def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
            self._draw(tracker.step)

        def _draw(self, step: int) -> None:
            with self._watch:
                convert = keras.ops.convert_to_numpy
                tracker.log_weights({v.path: convert(v.value) for v in self.model.trainable_weights}, step)

    return Tracking()


class _Watch:
    """How long something took altogether, against the time since it was first asked for."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._spent_s = 0.0
        self._entered = 0.0

    def has_time(self) -> bool:
        return self._spent_s <= SHARE_FOR_WEIGHTS * (time.perf_counter() - self._begun)

    def __enter__(self) -> None:
        self._entered = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._spent_s += time.perf_counter() - self._entered


def _learning_rate(model: Any, logs: Mapping[str, Any]) -> dict[str, Any]:
    if "learning_rate" in logs or getattr(model, "optimizer", None) is None:
        return {}
    return {"learning_rate": model.optimizer.learning_rate}

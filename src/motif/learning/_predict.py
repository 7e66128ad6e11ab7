"""What a model answers, whatever else is in the batch."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["predict"]

PREDICT_BATCH = 64
"""Windows a call: always as many, so that one program is compiled and rows cannot depend on how many came along."""

_ONE_AT_A_TIME = Lock()
"""Keras on JAX gives a model's arrays away while it computes: a second thread would find none."""


def predict(model: Any, X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what `model` makes of each window, the same whatever other windows there are."""
    outputs = np.empty((len(X), *model.output_shape[1:]), np.float32)
    for start in range(0, len(X), PREDICT_BATCH):
        part = X[start : start + PREDICT_BATCH]
        padded = np.zeros((PREDICT_BATCH, *X.shape[1:]), np.float32)
        padded[: len(part)] = part
        with _ONE_AT_A_TIME:
            outputs[start : start + len(part)] = model.predict_on_batch(padded)[: len(part)]
    return outputs

"""What every run of training does, whatever is trained: shuffle, put weights back, ask how likely labels were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError

__all__ = ["assign", "diverged", "log_softmax", "losses_of", "shuffled_batches"]


def shuffled_batches(n: int, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return rows 0 … n − 1, shuffled, as (n_batches, size).

    A last batch that is short is filled up from the start, because a new size would be compiled anew.
    """
    return np.resize(rng.permutation(n), (-(-n // size), size))


def assign(variables: Iterable[Any], values: Iterable[NDArray[Any]]) -> None:
    """Give Keras variables the values that `arrays` took of them."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def diverged(epoch: int, epochs: int, learning_rate: float) -> ConfigError:
    """Return the error for a run whose loss is no number any more, and which has no better weights to go back to."""
    return ConfigError(
        f"training diverged in epoch {epoch} of {epochs}: its loss is no number any more; give a smaller "
        f"learning_rate than {learning_rate:g}, or leave out windows of far larger values than the others"
    )


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logarithms of probabilities, (n, n_classes)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def losses_of(logits: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the negative log-likelihood of each label, (n,), from logits (n, n_classes)."""
    return -log_softmax(logits)[np.arange(len(y)), y]

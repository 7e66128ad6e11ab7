"""A recognizer's last layer, solved again for one person: the base is believed until samples say otherwise.

The loss is the samples' negative log-likelihood plus a ridge on the change of the weights: the likeliest layer under a
normal prior around the base (maximum a posteriori). It is convex and small, so it is solved, not trained: with the
ridge at infinity the base answers, and there are no epochs to stop at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.learning import log_softmax

__all__ = ["HeadChange", "solve_heads"]


@dataclass(frozen=True)
class HeadChange:
    """What is added to the logits: `embedding @ kernel + bias`."""

    kernel: NDArray[np.float64]
    """(features, n_classes)."""
    bias: NDArray[np.float64]
    """(n_classes,)."""

    def apply(self, embedding: NDArray[np.float64], logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logits (n, n_classes) of the person's recognizer."""
        return np.asarray(logits + embedding @ self.kernel + self.bias)


def solve_heads(
    embedding: NDArray[np.float64], logits: NDArray[np.float64], y: NDArray[np.int64], ridges: Sequence[float]
) -> Iterator[HeadChange]:
    """Yield, for each ridge, the change of the last layer under which the samples and the prior together are likeliest.

    A class without samples is left as it is: it takes no part in the comparison, or it would be pushed away by all the
    others. Classes count alike, however many samples there are of each.

    Parameters
    ----------
    embedding : (n, features)
        What the last layer sees of each sample.
    logits : (n, n_classes)
        What it makes of them.
    y : (n,)
        Class indices.
    ridges : sequence of float
        Price of a unit of change, in samples; features count in units of their own spread over the samples. Each
        solution starts from the one before: falling ridges are solved soonest.
    """
    from scipy.optimize import minimize

    present = np.unique(y)
    target = (y[:, None] == present).astype(np.float64)
    weight = target @ (len(y) / (len(present) * target.sum(axis=0)))
    center = embedding.mean(axis=0)
    spread = max(float(np.sqrt(np.square(embedding - center).sum(axis=1).mean())), 1e-9)
    features = np.column_stack([(embedding - center) / spread, np.ones(len(y))])
    base, shape = logits[:, present], (features.shape[1], len(present))

    def loss(flat: NDArray[np.float64], ridge: float) -> tuple[float, NDArray[np.float64]]:
        change = flat.reshape(shape)
        log_p = log_softmax(base + features @ change)
        gradient = features.T @ (weight[:, None] * (np.exp(log_p) - target)) + ridge * change
        return float(ridge / 2 * np.square(change).sum() - weight @ (log_p * target).sum(axis=1)), gradient.ravel()

    found = np.zeros(shape[0] * shape[1])
    for ridge in ridges:
        found = minimize(loss, found, (ridge,), jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-7}).x
        kernel, bias = np.zeros((embedding.shape[1], logits.shape[1])), np.zeros(logits.shape[1])
        kernel[:, present] = found.reshape(shape)[:-1] / spread
        bias[present] = found.reshape(shape)[-1] - center @ kernel[:, present]
        yield HeadChange(kernel, bias)

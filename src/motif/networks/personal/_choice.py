"""How far a person's samples may change the last layer: as far as samples held out say it helps, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.networks.personal._folds import fold_of
from motif.networks.personal._head import HeadChange, log_softmax, solve_head

__all__ = ["RIDGES", "Samples", "choose_ridge", "judge_head", "losses_of", "solve_chosen"]

RIDGES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01)
"""Prices of change that are tried, from next to none to nearly free."""


@dataclass(frozen=True)
class Samples:
    """What is known of a person's samples before the last layer."""

    embedding: NDArray[np.float64]
    """(n, features), what the last layer sees."""
    logits: NDArray[np.float64]
    """(n, n_classes), what the base makes of it."""
    y: NDArray[np.int64]
    """(n,), class indices."""
    groups: NDArray[np.generic] | None = None
    """(n,), session, take or block."""

    def take(self, rows: NDArray[np.bool_]) -> Samples:
        """Return some of them."""
        groups = None if self.groups is None else self.groups[rows]
        return Samples(self.embedding[rows], self.logits[rows], self.y[rows], groups)

    @property
    def fold(self) -> NDArray[np.int64]:
        """The fold in which each sample is held out, (n,)."""
        return fold_of(self.y, self.groups)


def choose_ridge(samples: Samples) -> float | None:
    """Return the ridge under which samples held out are likeliest, or None where none beats the base."""
    losses = [losses_of(_held_out(samples, ridge), samples.y).mean() for ridge in RIDGES]
    best = int(np.argmin(losses))
    base = losses_of(samples.logits, samples.y).mean()
    return RIDGES[best] if losses[best] < base else None


def solve_chosen(samples: Samples) -> HeadChange | None:
    """Return the change with the ridge chosen for these samples, or None where the base is to answer."""
    ridge = choose_ridge(samples)
    return None if ridge is None else solve_head(samples.embedding, samples.logits, samples.y, ridge)


def judge_head(samples: Samples, report: Callable[[int, int], None] | None = None) -> NDArray[np.float64]:
    """Return logits (n, n_classes) for each sample, of a head that was chosen and solved without it.

    The choice of the ridge is made anew for each fold, from the samples of the others: what is judged is the whole
    procedure.
    """
    logits = samples.logits.copy()
    fold = samples.fold
    folds = np.unique(fold)
    for done, out in enumerate(folds):
        rows = fold == out
        if (~rows).any() and (change := solve_chosen(samples.take(~rows))) is not None:
            logits[rows] = change.apply(samples.embedding[rows], samples.logits[rows])
        if report:
            report(done + 1, len(folds))
    return logits


def losses_of(logits: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the negative log-likelihood of each sample, (n,)."""
    return -log_softmax(logits)[np.arange(len(y)), y]


def _held_out(samples: Samples, ridge: float) -> NDArray[np.float64]:
    logits = samples.logits.copy()
    fold = samples.fold
    for out in np.unique(fold):
        rows = fold == out
        if (~rows).any():
            kept = samples.take(~rows)
            change = solve_head(kept.embedding, kept.logits, kept.y, ridge)
            logits[rows] = change.apply(samples.embedding[rows], samples.logits[rows])
    return logits

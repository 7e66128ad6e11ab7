"""How far a person's samples may change the last layer: as far as samples held out say it helps, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from motif.learning import losses_of
from motif.networks.personal._folds import fold_of
from motif.networks.personal._head import HeadChange, solve_heads

__all__ = ["CAUTIONS", "RIDGES", "Samples", "chosen_change", "judge_heads"]

RIDGES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
"""Prices of change that are tried, from next to none to nearly free."""
CAUTIONS = (0.0, 1.0, 3.0)
"""The least ridge that may be chosen: none, and what is tried where that loses samples that were right."""
STANDARD_ERRORS = 0.5
"""A larger ridge, or the base, is taken where its loss is within that many standard errors of the smallest."""


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

    def folds(self) -> Iterator[tuple[NDArray[np.bool_], Samples]]:
        """Yield which samples are held out, (n,), and all the others."""
        fold = fold_of(self.y, self.groups)
        for out in np.unique(fold):
            if (fold != out).any():
                yield fold == out, self.take(fold != out)

    @property
    def can_choose(self) -> bool:
        """Whether there are samples to choose by where others are held out to judge by."""
        return any(True for _, kept in self.folds() for _ in kept.folds())


def judge_heads(samples: Samples, report: Callable[[], None] | None = None) -> dict[float, NDArray[np.float64]]:
    """Return, for each caution, logits (n, n_classes) of each sample by a head that was chosen and solved without it.

    The ridge is chosen anew for each fold, from the samples of the others alone: what is judged is the whole procedure.
    """
    judged = {caution: samples.logits.copy() for caution in CAUTIONS}
    for rows, kept in samples.folds():
        losses = _ridge_losses(kept)
        changes = [None, *solve_heads(kept.embedding, kept.logits, kept.y, RIDGES)]
        for caution, logits in judged.items():
            if (change := changes[_choice(losses, caution)]) is not None:
                logits[rows] = change.apply(samples.embedding[rows], samples.logits[rows])
        if report:
            report()
    return judged


def chosen_change(samples: Samples, caution: float) -> HeadChange | None:
    """Return the change with the ridge that suits these samples, None where the base is to answer."""
    choice = _choice(_ridge_losses(samples), caution)
    return [None, *solve_heads(samples.embedding, samples.logits, samples.y, RIDGES[:choice])][choice]


def _ridge_losses(samples: Samples) -> NDArray[np.float64]:
    """Return the loss of each sample held out under the base and under each ridge, (1 + ridges, n)."""
    losses = np.tile(losses_of(samples.logits, samples.y), (1 + len(RIDGES), 1))
    for rows, kept in samples.folds():
        for row, change in zip(count(1), solve_heads(kept.embedding, kept.logits, kept.y, RIDGES), strict=False):
            losses[row, rows] = losses_of(change.apply(samples.embedding[rows], samples.logits[rows]), samples.y[rows])
    return losses


def _choice(losses: NDArray[np.float64], caution: float) -> int:
    """Return which row of losses to take: the first, nearest to the base, that is as good as the best but for noise.

    References
    ----------
    Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees, section 3.4.3; half of their standard
    error, as a person's samples are few.
    """
    allowed = losses[[True, *(ridge >= caution for ridge in RIDGES)]]
    excess = allowed - allowed[allowed.mean(axis=1).argmin()]
    error = excess.std(axis=1) / np.sqrt(excess.shape[1])
    return int(np.argmax(excess.mean(axis=1) <= STANDARD_ERRORS * error))

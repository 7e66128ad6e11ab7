"""What is learnt from being told right or wrong: how far a confidence can be believed, and how much is asked for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

__all__ = ["History", "Verdict"]

_MOST = 500
_ENOUGH = 8
_REACH = 0.15
"""How far a threshold may move from the one that was set."""
_PRIOR = 4.0
"""Weight of believing a confidence as it is, in verdicts: few of them change little."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One recognition, and what is known of it now."""

    gesture: str
    """The best gesture, accepted or not."""
    raw_confidence: float
    correct: bool
    """Whether the best gesture was what was meant."""


class History:
    """The latest verdicts, and what follows from them."""

    def __init__(self) -> None:
        self._verdicts: deque[Verdict] = deque(maxlen=_MOST)
        self._slope, self._offset = 1.0, 0.0

    def __len__(self) -> int:
        return len(self._verdicts)

    @property
    def accuracy(self) -> float | None:
        """Share of the best gestures that were right; None before any verdict."""
        return float(np.mean([verdict.correct for verdict in self._verdicts])) if self._verdicts else None

    def add(self, verdict: Verdict) -> None:
        """Take a verdict."""
        self._verdicts.append(verdict)
        if len(self._verdicts) >= _ENOUGH:
            self._fit()

    def calibrated(self, raw_confidence: float) -> float:
        """Return how often such a confidence proved right, drawn to itself while there are few verdicts."""
        if (self._slope, self._offset) == (1.0, 0.0):
            return raw_confidence
        return _sigmoid(self._slope * _logit(raw_confidence) + self._offset)

    def threshold(self, gesture: str, base: float) -> float:
        """Return what a gesture's calibrated confidence has to reach: `base`, moved by at most 0.15.

        It is the one within reach that would have decided most of the gesture's verdicts rightly, and of those the one
        nearest to `base`.
        """
        known = [(self.calibrated(v.raw_confidence), v.correct) for v in self._verdicts if v.gesture == gesture]
        if len(known) < _ENOUGH:
            return base
        levels: list[float] = [base, *np.arange(max(0.0, base - _REACH), min(1.0, base + _REACH) + 1e-9, 0.01).tolist()]
        return max(levels, key=lambda level: (sum((c >= level) == right for c, right in known), -abs(level - base)))

    def _fit(self) -> None:
        """Fit slope and offset of the logit by Newton's steps, with a prior that holds them at 1 and 0.

        References
        ----------
        Platt (1999), Probabilistic outputs for support vector machines; the prior stands for his corrected targets.
        """
        x = np.array([_logit(verdict.raw_confidence) for verdict in self._verdicts])
        y = np.array([verdict.correct for verdict in self._verdicts], dtype=np.float64)
        design = np.column_stack([x, np.ones_like(x)])
        prior, beta = np.array([1.0, 0.0]), np.array([1.0, 0.0])
        for _ in range(25):
            p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
            gradient = design.T @ (p - y) + _PRIOR * (beta - prior)
            hessian = (design * (p * (1 - p))[:, None]).T @ design + _PRIOR * np.eye(2)
            step = np.linalg.solve(hessian, gradient)
            beta = beta - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        self._slope, self._offset = max(0.05, float(beta[0])), float(beta[1])  # more confidence never means less


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return float(np.log(p / (1 - p)))


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))

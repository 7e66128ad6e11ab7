"""What more samples would bring, told from what fewer would have cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.templates._learning import distinct, learn

__all__ = ["learning_curve", "worth_recording"]

_LARGEST = 5
_USUAL_FALL = 0.7
"""Mistakes fall about as the number of samples to this power."""
_FALL_SPREAD = 0.3
_ENOUGH = 10
_AT_LEAST = 3
_SAVED = 0.01


def learning_curve(
    windows: NDArray[np.float32], labels: NDArray[np.int64], *, seed: int
) -> tuple[tuple[int, float], ...]:
    """Return how many of the others are recognized (mean over classes) with 1, 2, … samples of each class taught."""
    different = distinct(windows, labels)
    windows, labels = windows[different], labels[different]
    fewest = int(np.bincount(labels).min())
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    curve = []
    for n_each in range(1, min(fewest, _LARGEST)):
        taught = np.concatenate([order[labels[order] == c][:n_each] for c in range(labels.max() + 1)])
        rest = np.setdiff1d(order, taught)
        few, of = windows[taught], labels[taught]
        model, _ = learn(few, of, None, outlier_rule="three-sigma", outlier_rate=0.05, seed=seed)
        right = model.see(windows[rest]).class_scores(model.factors).argmax(axis=1) == labels[rest]
        curve.append((n_each, float(np.mean([right[labels[rest] == c].mean() for c in np.unique(labels[rest])]))))
    return tuple(curve)


def worth_recording(n_samples: int, accuracy: float | None, curve: tuple[tuple[int, float], ...]) -> int:
    """Return how many more samples are expected to save one mistake in a hundred each, up to ten samples in all.

    Mistakes are taken to fall by a power of the number of samples, fitted to the curve and drawn to what is usual;
    three samples are always worth having, since fewer cannot be judged.
    """
    if accuracy is None:
        return max(0, _AT_LEAST - n_samples)
    fall = _fall(curve)
    mistakes = (1.0 - accuracy) * n_samples
    rate = (mistakes + 0.1) / (n_samples + 1.0)  # never quite none: a few samples cannot show that
    total = n_samples
    while total < _ENOUGH and rate * ((total / n_samples) ** -fall - ((total + 1) / n_samples) ** -fall) >= _SAVED:
        total += 1
    return max(total, _AT_LEAST) - n_samples if n_samples < _ENOUGH else 0


def _fall(curve: tuple[tuple[int, float], ...]) -> float:
    """Return the slope of log mistakes over log samples, with a normal prior."""
    if not curve:
        return _USUAL_FALL
    weight = 1.0 / _FALL_SPREAD**2
    numbers = np.log([n for n, _ in curve])
    mistakes = np.log([max(1.0 - share, 0.01) for _, share in curve])
    numbers, mistakes = numbers - numbers.mean(), mistakes - mistakes.mean()
    precision = 25.0 * float(numbers @ numbers)  # a share of the rest is known to about a fifth of itself
    slope = (weight * _USUAL_FALL - 25.0 * float(numbers @ mistakes)) / (weight + precision)
    return float(np.clip(slope, 0.0, 2.0))

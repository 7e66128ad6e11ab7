"""Calibration by its plain definition (Guo et al. 2017; Brier 1950). Slow, obvious, and the judge."""

from itertools import pairwise
from math import exp, log


def gaps(y_true, probabilities, n_bins):
    """Yield (count, |confidence - accuracy|) of every bin that holds a window."""
    edges = [i / n_bins for i in range(n_bins + 1)]
    for low, high in pairwise(edges):
        members = [(y, list(p)) for y, p in zip(y_true, probabilities, strict=True) if low < max(p) <= high]
        if members:
            confidence = sum(max(p) for _, p in members) / len(members)
            accuracy = sum(p.index(max(p)) == y for y, p in members) / len(members)
            yield len(members), abs(confidence - accuracy)


def expected_calibration_error(y_true, probabilities, n_bins):
    return sum(count * gap for count, gap in gaps(y_true, probabilities, n_bins)) / len(y_true)


def maximum_calibration_error(y_true, probabilities, n_bins):
    return max(gap for _, gap in gaps(y_true, probabilities, n_bins))


def brier_score(y_true, probabilities):
    total = 0.0
    for y, p in zip(y_true, probabilities, strict=True):
        for c, value in enumerate(p):
            total += (value - (1.0 if c == y else 0.0)) ** 2
    return total / len(y_true)


def softmax(logits, temperature):
    weights = [exp((value - max(logits)) / temperature) for value in logits]
    return [w / sum(weights) for w in weights]


def cost(logits, y, temperature):
    """Negative log-likelihood and the standard normal prior on the logarithm of the temperature."""
    likelihood = sum(log(max(softmax(row, temperature)[c], 1e-300)) for row, c in zip(logits, y, strict=True))
    return -likelihood + log(temperature) ** 2 / 2


def fit_temperature(logits, y, steps=2000):
    """Look at every temperature of a fine grid."""
    grid = [exp(log(0.01) + i * log(1e4) / steps) for i in range(steps + 1)]
    return min(grid, key=lambda temperature: cost(logits, y, temperature))

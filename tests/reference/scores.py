"""Scores by their definitions, one window at a time."""

from math import sqrt


def counts(y_true, y_pred, c):
    """Return hits, windows of class `c`, windows called `c`."""
    hits = sum(t == c and p == c for t, p in zip(y_true, y_pred, strict=True))
    return hits, sum(t == c for t in y_true), sum(p == c for p in y_pred)


def macro_f1(y_true, y_pred):
    f1 = []
    for c in set(y_true) | set(y_pred):
        hits, occurs, called = counts(y_true, y_pred, c)
        precision = hits / called if called else 0.0
        recall = hits / occurs if occurs else 0.0
        f1.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return sum(f1) / len(f1)


def kappa(y_true, y_pred):
    """Cohen (1960)."""
    n = len(y_true)
    agree = sum(t == p for t, p in zip(y_true, y_pred, strict=True)) / n
    chance = sum(y_true.count(c) * y_pred.count(c) for c in set(y_true)) / n**2
    return (agree - chance) / (1 - chance)


def matthews(y_true, y_pred):
    """Gorodkin (2004): the correlation of truth and prediction as indicator vectors."""
    n, classes = len(y_true), set(y_true) | set(y_pred)
    cross = n * sum(t == p for t, p in zip(y_true, y_pred, strict=True))
    cross -= sum(y_true.count(c) * y_pred.count(c) for c in classes)
    spread = [n**2 - sum(labels.count(c) ** 2 for c in classes) for labels in (y_true, y_pred)]
    return cross / sqrt(spread[0] * spread[1]) if all(spread) else 0.0


def roc_auc(is_class, values):
    """The chance that a window of the class gets a higher value than another; equals count half."""
    inside = [v for c, v in zip(is_class, values, strict=True) if c]
    outside = [v for c, v in zip(is_class, values, strict=True) if not c]
    wins = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return wins / (len(inside) * len(outside))


def top_k(y_true, probabilities, k):
    hits = 0
    for t, p in zip(y_true, probabilities, strict=True):
        hits += t in sorted(range(len(p)), key=lambda c: (-p[c], c))[:k]
    return hits / len(y_true)

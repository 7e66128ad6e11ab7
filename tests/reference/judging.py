"""Tests and intervals by their definitions, one case at a time."""

from itertools import product
from math import comb


def mcnemar_p(only_first, only_second):
    """McNemar (1947), exact: all ways to divide the windows that differ which are no likelier than the one seen."""
    n = only_first + only_second
    chances = [comb(n, k) / 2**n for k in range(n + 1)]
    return sum(chance for chance in chances if chance <= chances[only_first] * (1 + 1e-9)) if n else 1.0


def fisher_p(table):
    """Fisher (1922): all tables with the same margins which are no likelier than the one seen."""
    (a, b), (c, d) = table
    rows, first = (a + b, c + d), a + c
    total = comb(rows[0] + rows[1], first)
    chances = {
        k: comb(rows[0], k) * comb(rows[1], first - k) / total
        for k in range(first + 1)
        if k <= rows[0] and first - k >= 0
    }
    return min(1.0, sum(chance for chance in chances.values() if chance <= chances[a] * (1 + 1e-7)))


def exchange_p(first, second):
    """Every way to exchange the two within pairs."""
    difference = [a - b for a, b in zip(first, second, strict=True)]
    seen = abs(sum(difference))
    sums = [
        abs(sum(s * d for s, d in zip(signs, difference, strict=True)))
        for signs in product((1, -1), repeat=len(difference))
    ]
    return sum(value >= seen - 1e-12 for value in sums) / len(sums)


def conformal_threshold(of_truth, level):
    """The largest threshold that keeps at least (n + 1)·level of the n true classes; 0 where none does."""
    n = len(of_truth)
    kept = [t for t in of_truth if sum(p >= t for p in of_truth) >= (n + 1) * level - 1e-9]
    return max(kept, default=0.0)


def selective(confidence, right):
    """(share answered, share of those right) for every threshold, the strictest first."""
    points = []
    for threshold in sorted(set(confidence), reverse=True):
        answered = [r for c, r in zip(confidence, right, strict=True) if c >= threshold]
        points.append((len(answered) / len(right), sum(answered) / len(answered)))
    return points

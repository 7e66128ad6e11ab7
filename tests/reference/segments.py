"""Segment F1 by its definition: sample by sample, and every matching tried in turn."""


def overlap(one, other):
    """Jaccard (1901): samples in both over samples in either."""
    a, b = set(range(*one[:2])), set(range(*other[:2]))
    return len(a & b) / len(a | b) if one[2] == other[2] else 0.0


def greedy_matches(truth, found, least):
    """Take the pair that shares most, cross both out, begin again."""
    truth, found, pairs = dict(enumerate(truth)), dict(enumerate(found)), []
    while True:
        shares = [(overlap(t, f), -i, -j) for i, t in truth.items() for j, f in found.items()]
        best = max(shares, default=(0.0, 0, 0))
        if best[0] == 0 or best[0] < least:
            return sorted(pairs)
        pairs.append((-best[1], -best[2]))
        del truth[-best[1]], found[-best[2]]


def most_matches(truth, found, least):
    """Return how many pairs the best of all one-to-one matchings has."""
    if not truth:
        return 0
    first, *rest = truth
    best = most_matches(rest, found, least)
    for j, other in enumerate(found):
        share = overlap(first, other)
        if share > 0 and share >= least:
            best = max(best, 1 + most_matches(rest, found[:j] + found[j + 1 :], least))
    return best

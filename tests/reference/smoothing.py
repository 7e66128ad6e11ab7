"""Smoothing, slow and obvious: votes counted afresh at each frame, every segmentation of a short stream tried."""

from itertools import groupby, product
from math import exp, inf, log


def runs(labels):
    """[(label, length), …]."""
    return [(label, len(list(group))) for label, group in groupby(labels)]


def hysteresis(labels, window_size, enter, leave):
    """Shares of a centred window, cut at the edges; ties go to the smallest label."""
    before, held, present = window_size // 2, [], None
    for t in range(len(labels)):
        window = labels[max(t - before, 0) : max(t - before + window_size, 0)]
        shares = {label: window.count(label) / len(window) for label in sorted(set(labels))}
        best = max(shares, key=shares.get)
        if present is None or (shares[present] < leave and shares[best] > enter):
            present = best
        held.append(present)
    return held


def merge_short(labels, votes, min_dwell, max_segments):
    """The shortest (first) segment goes to the neighbour with more votes inside, else the longer, else the earlier."""
    segments = [[label, length] for label, length in runs(labels)]
    while len(segments) > 1:
        i = min(range(len(segments)), key=lambda i: segments[i][1])
        if segments[i][1] >= min_dwell and len(segments) <= max_segments:
            break
        start = sum(length for _, length in segments[:i])
        inside = votes[start : start + segments[i][1]]
        neighbours = [j for j in (i - 1, i + 1) if 0 <= j < len(segments)]
        heir = max(neighbours, key=lambda j: (inside.count(segments[j][0]), segments[j][1], -j))
        segments[i][0] = segments[heir][0]
        flat = [label for label, length in segments for _ in range(length)]
        segments = [[label, length] for label, length in runs(flat)]
    return [label for label, length in segments for _ in range(length)]


def path_score(path, evidence, min_dwell, log_stay, log_switch):
    """Log probability of a path, -inf where a segment is too short."""
    if any(length < min_dwell for _, length in runs(path)):
        return -inf
    segments = runs(path)
    stays = sum(length - min_dwell for _, length in segments)
    return sum(evidence[t][k] for t, k in enumerate(path)) + stays * log_stay + (len(segments) - 1) * log_switch


def best_path_score(evidence, min_dwell, log_stay, log_switch):
    """The best over every path there is."""
    n_labels = len(evidence[0])
    paths = product(range(n_labels), repeat=len(evidence))
    return max(path_score(path, evidence, min_dwell, log_stay, log_switch) for path in paths)


def posterior(evidence, min_dwell, log_stay, log_switch):
    """How probable each label is at each frame: every path counts as much as it is probable."""
    n_labels = len(evidence[0])
    shares = [[0.0] * n_labels for _ in evidence]
    for path in product(range(n_labels), repeat=len(evidence)):
        weight = exp(path_score(path, evidence, min_dwell, log_stay, log_switch))
        for t, label in enumerate(path):
            shares[t][label] += weight
    return [[share / sum(row) for share in row] for row in shares]


def log_dwells(min_dwell, mean_dwell, n_labels):
    """log_stay and log_switch of a shifted geometric duration."""
    end = 1.0 / (mean_dwell - min_dwell + 1.0)
    return log(1.0 - end) if end < 1.0 else log(1e-9), log(end) - log(max(n_labels - 1, 1))


def segmented_score(path, evidence, first, following, lasts, reaches):
    """Log score of a path whose segments last as tabled; `lasts[d - 1][k]`, and `reaches` where an end cuts one off."""
    segments = runs(path)
    score = sum(evidence[t][k] for t, k in enumerate(path)) + first[segments[0][0]]
    for i, (label, length) in enumerate(segments):
        table = reaches if i in (0, len(segments) - 1) else lasts
        score += table[length - 1][label] + (following[segments[i - 1][0]][label] if i else 0.0)
    return score


def best_segmented_score(evidence, *model):
    """The best over every path there is."""
    paths = product(range(len(evidence[0])), repeat=len(evidence))
    return max(segmented_score(path, evidence, *model) for path in paths)

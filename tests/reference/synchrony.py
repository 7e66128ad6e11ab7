"""Windowed lagged cross-correlation, one window, lag and turn at a time."""

import numpy as np


def lagged_profile(a, b, window, hop, max_lag, turn):
    """(channels, lags): mean over windows of Fisher's z between a window of a and that of b, around the end."""
    n, n_channels = a.shape
    starts = range(0, n - window + 1, hop)
    profile = np.zeros((n_channels, 2 * max_lag + 1))
    for c in range(n_channels):
        for i, lag in enumerate(range(-max_lag, max_lag + 1)):
            z = []
            for start in starts:
                at = (start + turn + lag + np.arange(window)) % n
                z.append(np.arctanh(np.corrcoef(a[start : start + window, c], b[at, c])[0, 1]))
            profile[c, i] = np.mean(z)
    return profile


def phase_locking(a, b, turn):
    """|mean of exp(i·difference)| of the phases, mean over channels."""
    from scipy.signal import hilbert

    phases = [np.angle(hilbert(x, axis=0)) for x in (a, b)]
    difference = phases[0] - np.roll(phases[1], -turn, axis=0)
    return np.abs(np.exp(1j * difference).mean(axis=0)).mean()


def wavelet_coherence(a, b, frequencies, window, turn):
    """Mean over channels, frequencies and half-overlapping windows, one sample of one wavelet at a time."""
    half = window // 2
    n = len(a) // half * half
    b = np.roll(b[:n], -round(turn / half) * half, axis=0)

    def transform(x, frequency):
        around = np.fft.fftfreq(n)
        bell = np.where(around > 0, np.exp(-0.5 * (6.0 * (around / frequency - 1.0)) ** 2), 0.0)
        return np.fft.ifft(np.fft.fft(x) * bell)

    shared = []
    for c in range(a.shape[1]):
        for frequency in frequencies:
            first, second = transform(a[:n, c], frequency), transform(b[:, c], frequency)
            for start in range(0, n - window + 1, half):
                inside = slice(start, start + 2 * half)
                cross = abs((first[inside].conj() * second[inside]).sum()) ** 2
                shared.append(cross / ((abs(first[inside]) ** 2).sum() * (abs(second[inside]) ** 2).sum()))
    return np.mean(shared)


def recurrence_matrix(a, b, radius):
    """(n, n), which state of a is near which of b."""
    return np.linalg.norm(a[:, None] - b[None], axis=2) <= radius


def lines(flags):
    """Lengths of the runs of True."""
    lengths, run = [], 0
    for flag in [*flags, False]:
        if flag:
            run += 1
        elif run:
            lengths.append(run)
            run = 0
    return lengths


def cross_recurrence(a, b, radius, max_lag, min_line):
    """What lines say, by the names of its fields, from the whole matrix."""
    near = recurrence_matrix(a, b, radius)
    n = len(a)
    for i in range(n):
        for j in range(n):
            if abs(j - i) > max_lag:
                near[i, j] = False
    diagonals = [length for k in range(-max_lag, max_lag + 1) for length in lines(np.diagonal(near, k))]
    verticals = [length for row in near for length in lines(row)]
    profile = [np.diagonal(near, k).mean() for k in range(-max_lag, max_lag + 1)]
    long, upright = ([x for x in lengths if x >= min_line] for lengths in (diagonals, verticals))
    shares = [long.count(length) / len(long) for length in set(long)]
    return {
        "profile": profile,
        "rate": near.sum() / sum(n - abs(k) for k in range(-max_lag, max_lag + 1)),
        "determinism": sum(long) / max(sum(diagonals), 1),
        "mean_line": sum(long) / max(len(long), 1),
        "longest_line": max(diagonals, default=0),
        "line_entropy": -sum(share * np.log(share) for share in shares),
        "laminarity": sum(upright) / max(sum(verticals), 1),
        "trapping_time": sum(upright) / max(len(upright), 1),
    }


def warp_cost(a, b, max_lag):
    """Cost of the best path with free ends, |j - i| ≤ max_lag, by the definition."""
    from functools import cache

    n = len(a)

    @cache
    def best(i, j):
        if not (0 <= j < n and abs(j - i) <= max_lag):
            return np.inf
        own = ((a[i] - b[j]) ** 2).sum()
        return own if i == 0 else own + min(best(i - 1, j - 1), best(i - 1, j), best(i, j - 1))

    return min(best(n - 1, j) for j in range(n))


def transfer_entropy(source, target, shift):
    """Σ p(next, now, source) log p(next | now, source) / p(next | now), by dictionaries."""
    from collections import Counter

    n = len(target)
    triples = [(target[t + 1], target[t], source[(t + 1 - shift) % n]) for t in range(n - 1)]
    joint, pairs = Counter(triples), Counter((now, s) for _, now, s in triples)
    steps, nows = Counter((after, now) for after, now, _ in triples), Counter(now for _, now, _ in triples)
    total = len(triples)
    return sum(
        count / total * np.log(count / pairs[now, s] / (steps[after, now] / nows[now]))
        for (after, now, s), count in joint.items()
    )


def shared_information(a, b, shift):
    """Σ p(x, y) log p(x, y) / p(x) p(y), by dictionaries."""
    from collections import Counter

    n = len(a)
    pairs = Counter((a[t], b[(t + shift) % n]) for t in range(n))
    first, second = Counter(a), Counter(b)
    return sum(c / n * np.log(c * n / (first[x] * second[y])) for (x, y), c in pairs.items())

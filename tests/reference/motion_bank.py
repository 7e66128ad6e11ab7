"""What the encoder without training says of a window, written as its definition."""

from itertools import pairwise

import numpy as np

EDGES = (1, 2, 3, 4, 6, 9, 14, 22, 36)


def describe(window):
    """(9, 2, 100) → features, in the order of `feature_names`."""
    features, series = [], []
    for s in range(2):
        acc, gyr, mag = window[:3, s] / 9.81, window[3:6, s], window[6:, s]
        mag = mag / (np.sqrt((mag**2).sum(axis=0).mean()) + 1e-6)
        up = acc.mean(axis=1) / (np.linalg.norm(acc.mean(axis=1)) + 1e-6)
        lengths = [np.linalg.norm(triad, axis=0) for triad in (acc, gyr)]
        series.append(np.stack([*acc, *gyr, *mag, *lengths, up @ acc, up @ gyr]))
        amplitude = 2 * np.abs(np.fft.rfft(series[s], axis=1)) / 100
        for row in amplitude:
            for low, high in pairwise(EDGES):
                strength = np.sqrt((row[low:high] ** 2).sum())
                features.append(np.mean([strength / (strength + size) for size in (0.02, 0.2, 2.0)]))
        for channel in series[s][:9]:
            change = channel[50:].mean() - channel[:50].mean()
            features += [2 * v / (1 + abs(2 * v)) for v in (channel.mean(), change)]
    for a, b in zip(*series, strict=True):
        a, b = a - a.mean(), b - b.mean()
        features.append((a @ b) / (np.sqrt((a @ a) * (b @ b)) + 1e-4 * 100))
    return np.array(features)

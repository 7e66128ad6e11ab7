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

"""Features of one series by their textbook definitions. Slow, obvious, and the judge."""

import cmath
import math
import statistics
from itertools import pairwise


def time_features(series, rate_hz, lags):
    n = len(series)
    mean = sum(series) / n
    centred = [x - mean for x in series]
    energy = sum(c * c for c in centred) / n
    slope = [(b - a) * rate_hz for a, b in pairwise(series)]
    low, middle, high = statistics.quantiles(series, n=4, method="inclusive")
    found = {
        "mean": mean,
        "std": statistics.pstdev(series),
        "min": min(series),
        "max": max(series),
        "q25": low,
        "median": middle,
        "q75": high,
        "iqr": high - low,
        "rms": math.sqrt(sum(x * x for x in series) / n),
        "log_energy": math.log10(energy + 1e-8),
        "mean_crossings": rate_hz * _crossings(centred),
        "zero_crossings": rate_hz * _crossings(series),
        "jerk": sum(abs(s) for s in slope) / len(slope),
        "log_jerk_energy": math.log10(sum(s * s for s in slope) / len(slope) + 1e-8),
    }
    for lag in lags:
        pairs = sum(centred[i] * centred[i + lag] for i in range(n - lag))
        found[f"autocorrelation_{lag / rate_hz:.3g}s"] = pairs / max(energy * n, 1e-8)
    return found


def _crossings(series):
    return sum((a > 0) != (b > 0) for a, b in pairwise(series)) / (len(series) - 1)


def spectrum(series, rate_hz):
    """Return (frequency, energy) of each bin but the first, by the definition of the Fourier transform."""
    n = len(series)
    mean = sum(series) / n
    taper = [math.sin(math.pi * (i + 0.5) / n) ** 2 for i in range(n)]
    norm = n * sum(w * w for w in taper)
    bins = []
    for k in range(1, n // 2 + 1):
        wave = sum((series[i] - mean) * taper[i] * cmath.exp(-2j * math.pi * k * i / n) for i in range(n))
        bins.append((k * rate_hz / n, 2 * abs(wave) ** 2 / norm))
    return bins


def correlation(a, b):
    mean_a, mean_b = statistics.fmean(a), statistics.fmean(b)
    shared = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True)) / len(a)
    return shared / (statistics.pstdev(a) * statistics.pstdev(b))

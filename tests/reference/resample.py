"""Linear interpolation onto a grid as one would do it by hand. Slow, obvious, and the judge."""

from math import floor, isnan, nan


def resample(time_ns, channel, rate_hz, max_gap_ns):
    """Return the grid's values for one channel; the grid is not coarser than the samples."""
    samples = {}
    for time, value in zip(time_ns, channel, strict=True):
        if not isnan(value):
            samples.setdefault(time, []).append(value)
    known = sorted((time, sum(values) / len(values)) for time, values in samples.items())
    first, last = min(time_ns), max(time_ns)
    n_rows = floor((last - first) * rate_hz / 1e9 + 1e-9) + 1
    return [_value_at(first + row * 1e9 / rate_hz, known, max_gap_ns) for row in range(n_rows)]


def _value_at(time, known, max_gap_ns):
    for at, value in known:
        if abs(at - time) <= 1:
            return value
    before = [sample for sample in known if sample[0] < time]
    after = [sample for sample in known if sample[0] > time]
    if not before or not after or after[0][0] - before[-1][0] > max_gap_ns:
        return nan
    (t0, v0), (t1, v1) = before[-1], after[0]
    return v0 + (v1 - v0) * (time - t0) / (t1 - t0)

"""All samples of a device at once, onto a grid: what `Aligner` must say bit by bit. Slow, obvious, and the judge."""

import math
from fractions import Fraction


def aligned(sensors, channels, rate_hz, max_gap_s):
    """Return grid times and rows for `sensors`: a list of (channels, [(time_ns, row), …]) without clock jumps."""
    period = Fraction(10**9) / Fraction(rate_hz)
    tracks = []
    for names, samples in sensors:
        first_of_time = {}
        for time_ns, row in samples:
            if not all(map(math.isnan, row)):
                first_of_time.setdefault(time_ns, row)
        tracks.append((names, sorted(first_of_time.items())))
    times = [time_ns for _, samples in tracks for time_ns, _ in samples]
    if not times:
        return [], []
    k, grid = 0, []
    k = math.floor(min(times) / period) - 1
    while (at := math.floor(k * period + Fraction(1, 2))) <= max(times):
        if at >= min(times):
            grid.append(at)
        k += 1
    return grid, [[_channel(tracks, name, at, max_gap_s) for name in channels] for at in grid]


def _channel(tracks, name, at, max_gap_s):
    direct = _value(tracks, name, at, max_gap_s)
    if direct is not None:
        return direct
    parts = [_value(tracks, part + name[3:], at, max_gap_s) for part in ("linear_acc", "gravity")]
    return math.nan if not name.startswith("acc_") or None in parts else sum(parts)


def _value(tracks, name, at, max_gap_s):
    for names, samples in tracks:
        if name in names and samples:
            column = names.index(name)
            before = [sample for sample in samples if sample[0] <= at]
            after = [sample for sample in samples if sample[0] >= at]
            if not before or not after:
                return math.nan
            (t0, row0), (t1, row1) = before[-1], after[0]
            if t0 == t1:
                return row0[column]
            if t1 - t0 > max_gap_s * 1e9:
                return math.nan
            return row0[column] + (row1[column] - row0[column]) * (at - t0) / (t1 - t0)
    return None

"""One hand over a window, landmark by landmark. Slow, obvious, and the judge."""

import math
import statistics


def normalize(frames):
    """Return, for frames of 21 points (or None where no hand was seen), points about the wrist and the wrist's path."""
    seen = [frame for frame in frames if frame is not None]
    palms = [
        statistics.fmean([math.dist(f[0], f[5]), math.dist(f[0], f[9]), math.dist(f[0], f[17]), math.dist(f[5], f[17])])
        for f in seen
    ]
    scale = statistics.median(palms)
    held, last = [], seen[0]
    for frame in frames:
        last = frame if frame is not None else last
        held.append(last)
    start = seen[0][0]
    normal = []
    for frame in held:
        wrist = frame[0]
        path = [(a - b) / scale for a, b in zip(wrist, start, strict=True)]
        normal.append([path] + [[(a - b) / scale for a, b in zip(p, wrist, strict=True)] for p in frame[1:]])
    return normal


def bend(before, at, after):
    a = [q - p for p, q in zip(before, at, strict=True)]
    b = [q - p for p, q in zip(at, after, strict=True)]
    return math.acos(sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b)))

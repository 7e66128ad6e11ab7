"""A cascade of second-order sections as their difference equation says. Slow, obvious, and the judge."""

from math import isnan, nan


def filter_channel(sections, samples):
    """Return the output; before the first sample of each gap-free stretch that sample has stood for ever."""
    output, stretch = [], []
    for sample in [*samples, nan]:
        if isnan(sample):
            output += [*_filter_stretch(sections, stretch), nan]
            stretch = []
        else:
            stretch.append(sample)
    return output[:-1]


def _filter_stretch(sections, stretch):
    for section in sections if stretch else []:
        stretch = _filter_section(*section, stretch)
    return stretch


def _filter_section(b0, b1, b2, _a0, a1, a2, x):
    gain = (b0 + b1 + b2) / (1 + a1 + a2)
    y = []
    for n, value in enumerate(x):
        x1, y1 = (x[n - 1], y[n - 1]) if n >= 1 else (x[0], gain * x[0])
        x2, y2 = (x[n - 2], y[n - 2]) if n >= 2 else (x[0], gain * x[0])
        y.append(b0 * value + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2)
    return y

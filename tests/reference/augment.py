"""A series read between its samples. Slow, obvious, and the judge."""

import numpy as np


def read_at(series, place):
    samples = np.arange(series.shape[-1])
    return np.array(
        [[np.interp(moments, samples, one) for one in window] for window, moments in zip(series, place, strict=True)]
    )

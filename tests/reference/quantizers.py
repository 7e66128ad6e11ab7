"""Slow, obvious twins of the quantizers."""

import math

import numpy as np


def fsq_code(vector, levels):
    """Mentzer et al. (2023): bound by tanh, round, read the digits in mixed radix, the first the smallest."""
    code, place = 0, 1
    for z, n_levels in zip(vector, levels, strict=True):
        half = (n_levels - 1) / 2 * 1.001
        offset = 0.5 if n_levels % 2 == 0 else 0.0
        bounded = math.tanh(z + math.atanh(offset / half)) * half - offset
        code += (math.floor(bounded + 0.5) + n_levels // 2) * place
        place *= n_levels
    return code


def nearest(vectors, codebook):
    """The code with the smallest squared distance, the lower of equals."""

    def squared(a, b):
        return sum((float(x) - float(y)) ** 2 for x, y in zip(a, b, strict=True))

    return [int(np.argmin([squared(vector, code) for code in codebook])) for vector in vectors]

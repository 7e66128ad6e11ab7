"""Convolutions and summaries by their definitions. Slow, obvious, and the judge."""

from itertools import pairwise

import numpy as np


def responses(series, dilations, channels, taps):
    n_samples = series.shape[1]
    answers = []
    for d, dilation in enumerate(dilations):
        for k, weighty in enumerate(taps):
            kernel = np.full(9, -1.0)
            kernel[weighty] = 2.0
            total = np.zeros(n_samples)
            for row in series[channels[d * len(taps) + k]].astype(float):
                for t in range(n_samples):
                    places = t + (np.arange(9) - 4) * dilation
                    inside = (places >= 0) & (places < n_samples)
                    total[t] += kernel[inside] @ row[places[inside]]
            answers.append(total)
    return np.array(answers)


def shares_above(series, dilations, channels, taps, limits):
    shares = []
    for i, answer in enumerate(responses(series, dilations, channels, taps)):
        reach = 4 * dilations[i // len(taps)]
        if i % 2 == 1 and 2 * reach < len(answer) - 2:
            answer = answer[reach:-reach]
        shares += [(answer > limit).mean() for limit in limits[i]]
    return np.array(shares)


def summary(series):
    figures = []
    for row in series.astype(float):
        for each in (row, 3.0 * np.diff(row, prepend=row[:1])):
            steps = np.diff(each) if len(each) > 1 else np.zeros(1)
            figures += [each.mean(), each.std(), each.min(), each.max(), *np.quantile(each, [0.1, 0.5, 0.9])]
            figures += [np.abs(steps).mean(), steps.std()]
            edges = [part * len(each) // 6 for part in range(7)]
            figures += [each[start : max(stop, start + 1)].mean() for start, stop in pairwise(edges)]
    return np.array(figures)


def moving_span(rows, rest, still):
    """The first moment up to which there is a share of the energy, and the first up to which there is all but it."""
    away = rows.astype(float) - np.median(rows, axis=1, keepdims=True)
    energy = (away**2).mean(axis=0) + still**2
    shares = [energy[: t + 1].sum() / energy.sum() for t in range(rows.shape[1])]
    return tuple(
        next((t for t, share in enumerate(shares) if share >= want), len(shares) - 1) for want in (rest, 1 - rest)
    )


def read_evenly(rows, first, last, n_read):
    """Straight lines between the samples."""
    places = np.linspace(first, last, n_read)
    return np.stack([np.interp(places, np.arange(rows.shape[1]), row) for row in rows])


def looks(window, scale, n_read, n_path):
    """A motion window at one strength, its triads' lengths, and its path beside what that adds up to."""
    rows = np.clip(window / scale[:, None], -1e6, 1e6).astype(float)
    first, last = moving_span(rows, 0.02, 0.07)
    margin = 0.05 * rows.shape[1]
    rows = read_evenly(rows, max(first - margin, 0), min(last + margin, rows.shape[1] - 1), n_read)
    n_axes = 1 if len(rows) % 3 else 3
    centred = rows - rows.mean(axis=1, keepdims=True)
    factor = _to_one_strength(centred, n_axes, 0.8)
    course = np.cumsum(centred * factor, axis=1) * 8 / n_read
    course -= course.mean(axis=1, keepdims=True)
    path = np.concatenate([centred * factor, course * _to_one_strength(course, n_axes, 0.3)])
    series = rows * factor
    if n_axes == 3:
        series = np.concatenate([series, np.linalg.norm(series.reshape(-1, 3, n_read), axis=1)])
    return series, read_evenly(path, 0, n_read - 1, n_path).T


def _to_one_strength(centred, n_axes, weak):
    strength = (centred**2).mean(axis=1).reshape(-1, n_axes).sum(axis=1)
    return np.repeat(1 / np.sqrt(strength + weak**2), n_axes)[:, None]

"""A movement cut out of the rest around it and stretched to one length, and ordinary motion cut into as many pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["activity", "at_rate", "moving_part", "pieces_like", "stretched", "window_of"]

_WIDTH_S = 0.1
_CALM = 0.2
"""Of the movement's strongest moment: less is the rest before and after it."""
_MARGIN_S = 0.05
_MOST_PIECES = 400


def activity(
    values: NDArray[np.float64], rate_hz: float, scale: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return how much moves around each sample, (n,): the root of the mean variance of its tenth of a second.

    Parameters
    ----------
    values : (n, n_channels)
    scale : (n_channels,), optional
        The unit of each channel; by default what it and its neighbours of a sensor (three axes) deviate in `values`.
    """
    width = min(len(values), max(3, round(_WIDTH_S * rate_hz)))
    if scale is None:
        scale = _by_sensor(values.var(axis=0))
    usable = scale > 1e-12
    if not usable.any():
        return np.zeros(len(values))
    variance = sliding_window_view(values[:, usable] / scale[usable], width, axis=0).var(axis=-1).mean(axis=1)
    before = (width - 1) // 2
    return np.asarray(np.sqrt(np.pad(variance, (before, width - 1 - before), mode="edge")))


def _by_sensor(variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the deviation that the axes of a sensor have in common: of an axis at rest, noise alone is no movement."""
    sensors = np.arange(len(variance)) // 3
    return np.asarray(np.sqrt(np.bincount(sensors, variance) / np.bincount(sensors))[sensors])


def moving_part(values: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """Return the samples from the first movement to the last; all of them where hardly any is left out."""
    moved = activity(values, rate_hz)
    active = np.flatnonzero(moved > _CALM * moved.max())
    if not active.size:
        return values
    margin = round(_MARGIN_S * rate_hz)
    return values[max(0, int(active[0]) - margin) : int(active[-1]) + margin + 1]


def stretched(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return (length, n_channels): `values` stretched along straight lines."""
    if len(values) == length:
        return values
    place = np.linspace(0.0, len(values) - 1.0, length)
    before = np.minimum(place.astype(np.intp), max(len(values) - 2, 0))
    part = (place - before)[:, None]
    return np.asarray((1 - part) * values[before] + part * values[np.minimum(before + 1, len(values) - 1)])


def window_of(values: NDArray[np.float64], length: int) -> NDArray[np.float32]:
    """Return values (n_samples, n_channels) as a window (n_channels, length), stretched along straight lines."""
    return np.ascontiguousarray(stretched(values, length).T, np.float32)


def at_rate(values: NDArray[np.float64], rate_hz: float, wanted_hz: float) -> NDArray[np.float64]:
    """Return samples at another rate, along straight lines."""
    if abs(rate_hz - wanted_hz) < 0.01 * wanted_hz or len(values) < 2:
        return values
    return stretched(values, max(2, round((len(values) - 1) * wanted_hz / rate_hz) + 1))


def pieces_like(
    taught: Sequence[NDArray[np.float64]], ordinary: Sequence[NDArray[np.float64]], rate_hz: float
) -> list[NDArray[np.float64]]:
    """Return pieces of ordinary motion, as long as the taught movements usually are; those at rest are left out.

    At most 400, spread evenly.
    """
    length = round(float(np.median([len(each) for each in taught])))
    scale = _by_sensor(np.mean([each.var(axis=0) for each in taught], axis=0))
    weakest = min(float(activity(each, rate_hz, scale).max()) for each in taught)
    found = []
    for values in ordinary:
        for start in range(0, len(values) - length + 1, max(1, length // 2)):
            piece = values[start : start + length]
            if activity(piece, rate_hz, scale).max() > _CALM * weakest:
                found.append(piece)
    return found[:: -(-len(found) // _MOST_PIECES)] if found else []

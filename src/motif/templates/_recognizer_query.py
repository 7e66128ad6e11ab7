"""What a recognizer is asked about, however the caller has it: motion, features, or both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.checks import as_array, require_positive
from motif.errors import DtypeError, InputError, ShapeError
from motif.recordings import Readings, Recording
from motif.signals import fill_gaps
from motif.templates._recorder_reading import readings_of
from motif.templates._recorder_take import Take, sensor_channels
from motif.templates._sample import GestureSample
from motif.templates._sensor_features import SensorFeatures

__all__ = ["Query", "query_of"]

_FILLED_S = 0.25
_BEYOND = 1e16
"""Nothing that is measured is as large."""


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One movement: `values` (n_samples, n_channels) without gaps, or features, or both."""

    values: NDArray[np.float64] | None = None
    channels: tuple[str, ...] = ()
    rate_hz: float = 0.0
    features: SensorFeatures | None = None


def query_of(given: Any, *, channels: Sequence[str] | None, rate_hz: float | None, taught: tuple[str, ...]) -> Query:
    """Return the movement in `given`.

    Parameters
    ----------
    given : GestureSample, Recording, Readings or a sequence of readings, SensorFeatures, mapping, or array
        A mapping is features by name; an array is (n_samples, n_channels).
    channels : sequence of str, optional
        Of an array; by default those that were taught.
    rate_hz : Hz, optional
        Of an array; by default 100.
    taught : tuple of str
        The channels that were taught.

    Raises
    ------
    InputError, ShapeError, TooFewSamplesError
        It is none of these, or holds no movement.
    """
    if isinstance(given, GestureSample):
        values = None if given.values is None else np.asarray(given.values, np.float64)
        return Query(values, given.channels, given.rate_hz, given.features)
    if isinstance(given, SensorFeatures):
        return Query(features=given)
    if isinstance(given, Mapping):
        return Query(features=SensorFeatures.from_dict(given))
    if isinstance(given, Recording):
        kept, _ = sensor_channels(given.channels)
        return _whole(given.select(kept).values, kept, given.rate_hz)
    if isinstance(given, Readings):
        given = [given]
    if rate_hz is not None:
        require_positive("rate_hz", rate_hz)
    if isinstance(given, np.ndarray) or _is_table(given):
        return _array(given, tuple(channels or taught), rate_hz or 100.0)
    return _readings(given)


def _is_table(given: Any) -> bool:
    return isinstance(given, list | tuple) and bool(given) and isinstance(given[0], list | tuple | np.ndarray)


def _array(given: Any, channels: tuple[str, ...], rate_hz: float) -> Query:
    values = as_array(given, "the window")
    if values.dtype.kind not in "fiu":
        raise DtypeError("the window", got=values.dtype, want="numbers")
    if values.ndim != 2 or (channels and values.shape[1] != len(channels)):
        raise ShapeError("window", got=values.shape, want=f"(n_samples, {len(channels) or 'n_channels'})")
    return _whole(values.astype(np.float64), channels, rate_hz)


def _whole(values: NDArray[np.float64], channels: tuple[str, ...], rate_hz: float) -> Query:
    values = np.where((np.abs(values) < _BEYOND) | np.isinf(values), values, np.nan)
    filled = fill_gaps(values, max_samples=max(1, round(_FILLED_S * rate_hz)))
    known = ~np.isnan(filled).any(axis=1)
    if not known.any():
        raise InputError("the window holds no moment with all channels; is a sensor's permission off?")
    return Query(filled[known], channels, rate_hz)


def _readings(given: Any) -> Query:
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InputError(f"{type(given).__name__} is no movement; want readings, a recording, features or an array")
    take = Take()
    for reading in given:
        take.add(readings_of(reading))
    if not take.n_samples:
        raise InputError("there are no readings; want those of one movement")
    channels, rate_hz, _, values = take.rows()
    return Query(values, channels, rate_hz)

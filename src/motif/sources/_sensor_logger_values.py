"""Samples of one sensor as JSON gave them, as arrays: numbers where there are numbers, NaN and a count elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.sources._sensor_logger_json import parsed, typed_numbers

__all__ = ["arrays_of", "numeric_keys"]

_MAX_KEYS = 32
_LATEST_NS = 2**62 - 1
_LARGEST = 1e30
"""Beyond it nothing is a measurement, and squares overflow."""


def arrays_of(
    times: Sequence[Any], values: Sequence[Any], keys: tuple[str, ...], bad: Counter[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return time (n,) and values (n, n_keys) of the samples that have a time and at least one number.

    Numbers written as texts are read; infinity, and what is as good as it, becomes NaN. `bad` counts what was left out
    or mended, by reason.
    """
    numbers = typed_numbers(values, keys)
    if numbers is not None and 0 < min(times) <= max(times) <= _LATEST_NS and (abs(numbers) < _LARGEST).all():
        return np.array(times, dtype=np.int64), numbers
    return _one_by_one(times, list(map(parsed, values)), keys, bad)


def numeric_keys(values: Sequence[Any]) -> tuple[str, ...]:
    """Return the keys under which an unknown sensor's first sample has numbers, in their order."""
    first = parsed(values[0]) if values else None
    if not isinstance(first, dict):
        return ()
    numeric = (key for key, value in first.items() if type(value) in (int, float))
    return tuple(islice((key for key in numeric if key.isprintable() and 0 < len(key) <= 64), _MAX_KEYS))


def _one_by_one(
    times: Sequence[Any], values: Sequence[Any], keys: tuple[str, ...], bad: Counter[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    kept_times, kept_rows = [], []
    for said_time, sample in zip(times, values, strict=True):
        time_ns = _time(said_time, bad)
        row = [_number(sample.get(key), bad) for key in keys] if isinstance(sample, dict) else []
        if time_ns is None:
            bad["no time"] += 1
        elif all(np.isnan(row)):
            bad["no number"] += 1
        else:
            kept_times.append(time_ns)
            kept_rows.append(row)
    return (
        np.array(kept_times, dtype=np.int64),
        np.array(kept_rows, dtype=np.float64).reshape(len(kept_times), len(keys)),
    )


def _time(said: Any, bad: Counter[str]) -> int | None:
    if type(said) is int:
        return said if 0 < said <= _LATEST_NS else None
    if not isinstance(said, str | float):
        return None
    try:
        time_ns = int(said)
    except (ValueError, OverflowError):
        return None
    bad["time is no integer"] += 1
    return time_ns if 0 < time_ns <= _LATEST_NS else None


def _number(said: Any, bad: Counter[str]) -> float:
    if type(said) not in (int, float):
        bad["value is no number"] += 1
        if not isinstance(said, str) or len(said) > 64:
            return np.nan
    try:
        number = float(said)
    except ValueError:
        return np.nan
    except OverflowError:
        number = np.inf
    if not abs(number) < _LARGEST:
        bad["not finite"] += 1
        return np.nan
    return number

"""The parts of a `Recording`, checked: arrays that nobody else can write to, texts that are texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import DtypeError, InputError, ShapeError

__all__ = ["FARTHEST_NS", "checked_texts", "checked_time", "checked_values"]

FARTHEST_NS = 1 << 62
"""Times are below this, 146 years either way of 1970, so that no span overflows."""


def checked_values(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return (n_samples, n_channels) as contiguous, read-only float64 without infinity."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise DtypeError("values", got=array.dtype, want="numbers (float64)")
    if array.ndim != 2 or array.shape[1] == 0:
        raise ShapeError("values", got=array.shape, want="(n_samples, n_channels)")
    if array.dtype != np.float64 or not array.flags.c_contiguous:
        with np.errstate(invalid="ignore", over="ignore"):  # odd NaNs of other types; what overflows is named below
            array = np.ascontiguousarray(array, dtype=np.float64)
    infinite = np.isinf(array)
    if infinite.any():
        row, column = map(int, np.argwhere(infinite)[0])
        raise InputError(
            f"values hold {int(infinite.sum())} infinite numbers, the first in row {row}, column {column}; "
            "mark what is missing with NaN"
        )
    return _read_only(array)


def checked_time(time_ns: NDArray[Any]) -> NDArray[np.int64]:
    """Return (n_samples,) as contiguous, read-only int64 nanoseconds."""
    array = np.asarray(time_ns)
    if array.dtype.kind not in "iu":
        raise DtypeError("time_ns", got=array.dtype, want="int64 nanoseconds, as a float rounds them to 256 ns")
    if array.ndim != 1:
        raise ShapeError("time_ns", got=array.shape, want="(n_samples,)")
    if array.size and not -FARTHEST_NS <= int(array.min()) <= int(array.max()) < FARTHEST_NS:
        raise InputError(f"time_ns reaches {array.min()} … {array.max()}; want nanoseconds since 1970")
    return _read_only(np.ascontiguousarray(array, dtype=np.int64))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    if array.flags.writeable:
        array = array.copy()  # the caller keeps the own one, and may write to it
        array.flags.writeable = False
    return array


def checked_texts(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts as a tuple; a single text is not taken for its letters."""
    if isinstance(texts, str):
        raise InputError(f"{name} is the single text {texts!r}; want a tuple of texts, one a channel")
    checked = tuple(texts)
    for text in checked:
        if not isinstance(text, str):
            raise InputError(f"{name} holds {text!r}, which is not text")
    return checked

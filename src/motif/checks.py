"""What functions ask of arrays and settings, said once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, DtypeError, InputError, NotFiniteError, ShapeError

__all__ = [
    "Seed",
    "as_array",
    "as_columns",
    "as_numbers",
    "as_time",
    "as_vectors",
    "generator",
    "is_number",
    "require_count",
    "require_finite",
    "require_positive",
]

Seed = int | np.random.Generator | None

_LATEST_NS = 2**62  # the year 2116; differences still fit


def as_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return values as an array; lists of different lengths make none."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} holds parts of different lengths; cut or resample them to one length") from error


def as_numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return values as an array of whole or real numbers; truth values and texts are none."""
    array = as_array(values, name)
    if array.dtype.kind not in "fiu":
        raise DtypeError(name, got=array.dtype, want="numbers (float32)")
    return array


def as_columns(values: ArrayLike, name: str = "values") -> NDArray[np.float64]:
    """Return samples as (n_samples, n_channels) float64; a single (n_samples,) channel becomes one column.

    NaN is let through, it marks a gap; an infinity is not.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        raise DtypeError(name, got=array.dtype, want="real numbers")
    if array.ndim not in (1, 2):
        raise ShapeError(name, got=array.shape, want="(n_samples, n_channels) or (n_samples,)")
    columns = array.astype(np.float64).reshape(len(array), -1) if array.size else _empty(array)
    infinite = np.isinf(columns)
    if infinite.any():
        raise NotFiniteError.of(name, infinite.reshape(array.shape))
    return columns


def _empty(array: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.empty((len(array), array.shape[1] if array.ndim == 2 else 1))


def as_vectors(values: ArrayLike, name: str, n_samples: int | None = None, size: int = 3) -> NDArray[np.float64]:
    """Return (n_samples, size) float64, of the length asked for."""
    array = np.asarray(values)
    if array.ndim != 2 or array.shape[1] != size or n_samples not in (None, len(array)):
        raise ShapeError(name, got=array.shape, want=f"({n_samples or 'n_samples'}, {size})")
    return as_columns(array, name)


def as_time(time_ns: ArrayLike, n_samples: int | None = None) -> NDArray[np.int64]:
    """Return a time base as (n_samples,) int64 nanoseconds."""
    array = np.asarray(time_ns)
    if array.dtype.kind not in "iu":
        raise DtypeError("time_ns", got=array.dtype, want="int64 nanoseconds; a float rounds today's time to 256 ns")
    if array.ndim != 1 or n_samples not in (None, array.size):
        raise ShapeError("time_ns", got=array.shape, want=f"({n_samples or 'n_samples'},), one time for each sample")
    beyond = (array > _LATEST_NS) | (array < -_LATEST_NS)
    if beyond.any():
        at = int(np.argmax(beyond))
        raise InputError(f"time_ns[{at}] is {array[at]}, no time in nanoseconds (NaT looks so); drop that sample")
    return array.astype(np.int64)


def is_number(value: object) -> bool:
    """Say whether something is one real number, and not a text or an array."""
    return isinstance(value, int | float | np.integer | np.floating)


def require_finite(name: str, array: NDArray[Any]) -> None:
    """Refuse an array that holds NaN or infinity."""
    finite = np.isfinite(array)
    if not finite.all():
        raise NotFiniteError.of(name, ~finite)


def require_positive(name: str, value: float) -> None:
    """Refuse a setting that is not above zero, or has no end."""
    if not (is_number(value) and 0 < value < np.inf):
        raise ConfigError(f"{name}={value!r} cannot be; give a number above 0")


def require_count(name: str, value: int, least: int = 1) -> None:
    """Refuse a count that is not a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ConfigError(f"{name}={value!r} cannot be; give a whole number of at least {least}")


def generator(random_state: Seed) -> np.random.Generator:
    """Return the source of chance that a seed names."""
    try:
        return np.random.default_rng(random_state)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"random_state is {random_state!r}; give a whole number from 0, a numpy Generator or None"
        ) from error

"""What is wrong with numbers before anything is made of them: NaN, infinity, outliers, channels that stand still."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, DtypeError, ShapeError

__all__ = ["Audit", "audit"]

_MAD_TO_DEVIATION = 1.4826
"""A normal variable's standard deviation over its median absolute deviation."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Counts over all values; the row of the first, or None."""

    n_values: int
    n_nan: int
    n_infinite: int
    n_outliers: int
    """Values further from their column's median than `limit` robust standard deviations."""
    first_nan: int | None
    first_infinite: int | None
    first_outlier: int | None
    constant_columns: tuple[int, ...]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to report."""
        return not (self.n_nan or self.n_infinite or self.n_outliers or self.constant_columns)

    def findings(self) -> list[str]:
        """Return a sentence for each finding, for a report."""
        rows = (("NaN", self.n_nan, self.first_nan), ("infinite", self.n_infinite, self.first_infinite))
        lines = [f"{n} of {self.n_values} values are {what}, the first in row {at}" for what, n, at in rows if n]
        if self.n_outliers:
            lines.append(f"{self.n_outliers} values lie far from all others, the first in row {self.first_outlier}")
        if self.constant_columns:
            lines.append(f"nothing moves in column {', '.join(map(str, self.constant_columns))}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, ready for JSON."""
        return asdict(self) | {"constant_columns": list(self.constant_columns)}


def audit(values: ArrayLike, limit: float = 10.0) -> Audit:
    """Look for NaN, infinity, outliers and constant columns.

    Parameters
    ----------
    values : (n,) or (n, …)
        What follows the first axis is taken as columns; a column of a window is a channel at one sample.
    limit : float
        Robust standard deviations from the median beyond which a value is an outlier. A column of which more than half
        is one value has no such deviation; there the mean absolute deviation stands in.

    Raises
    ------
    ShapeError, DtypeError, ConfigError

    Examples
    --------
    >>> found = audit([[0.0, 1.0], [1.0, np.nan], [0.5, 1.2], [9e9, 1.1], [0.2, 1.0]])
    >>> found.n_nan, found.n_outliers, found.first_outlier
    (1, 1, 3)
    """
    if not limit > 0:
        raise ConfigError(f"limit is {limit}; want robust standard deviations, above 0")
    numbers = np.asarray(values)
    if numbers.dtype.kind not in "fiu":
        raise DtypeError("values", got=numbers.dtype, want="numbers")
    if numbers.ndim == 0:
        raise ShapeError("values", got=(), want="(n,) or (n, …)")
    columns = numbers.astype(np.float64).reshape(len(numbers), math.prod(numbers.shape[1:]))
    nan, infinite = np.isnan(columns), np.isinf(columns)
    with np.errstate(invalid="ignore", over="ignore"):
        outlier = np.stack([_outliers(column, limit) for column in columns.T], axis=1) if columns.size else nan
    return Audit(
        n_values=columns.size,
        n_nan=int(nan.sum()),
        n_infinite=int(infinite.sum()),
        n_outliers=int(outlier.sum()),
        first_nan=_first(nan),
        first_infinite=_first(infinite),
        first_outlier=_first(outlier),
        constant_columns=tuple(i for i, column in enumerate(columns.T) if _is_constant(column)),
    )


def _outliers(column: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    finite = column[np.isfinite(column)]
    if finite.size < 3:
        return np.zeros(column.shape, dtype=bool)
    distance = np.abs(finite - np.median(finite))
    spread = _MAD_TO_DEVIATION * np.median(distance) or float(distance.mean())
    return np.asarray(np.isfinite(column) & (np.abs(column - np.median(finite)) > limit * spread))


def _is_constant(column: NDArray[np.float64]) -> bool:
    finite = column[np.isfinite(column)]
    return finite.size > 1 and bool((finite == finite[0]).all())


def _first(where: NDArray[np.bool_]) -> int | None:
    rows = np.flatnonzero(where.any(axis=1))
    return int(rows[0]) if rows.size else None

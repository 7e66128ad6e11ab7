"""A column of time stamps to int64 nanoseconds, exactly where the text is exact."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings.readers._columns import TimeUnit
from motif.recordings.readers._tables import is_number

__all__ = ["is_local_date", "nanoseconds"]

_NS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "µs": 1_000, "ns": 1}
_NS |= {"min": 60_000_000_000, "h": 3_600_000_000_000}
_EPOCH: tuple[tuple[float, TimeUnit], ...] = ((1e17, "ns"), (1e14, "us"), (1e11, "ms"), (1e8, "s"))
"""Between 1973 and 5138 a count of seconds, milli-, micro- and nanoseconds cannot be taken for another."""
_CLEARLY_SECONDS = 0.5
_ZONED = re.compile(r"(Z|[T ].*[+-]\d\d(:?\d\d)?)$")
_HINT = "say it in a column map (`time_unit: ms`; motif import --columns FILE)"
_DATE_HINT = "write dates with the year first, such as 2026-11-21 08:00:00.5+01:00"


def nanoseconds(texts: NDArray[Any], unit: str | None, *, where: str, decimal: str = ".") -> NDArray[np.int64]:
    """Return time stamps as whole nanoseconds.

    Parameters
    ----------
    texts : (n,) str
        As they stand in the file: numbers, or dates. A date without a zone counts as UTC.
    unit : optional
        A `TimeUnit`, or what a header calls it; without one an epoch is told by its size, and a step below 0.5 means
        seconds.
    where : str
        How errors call the file.
    decimal : str
        What stands before the fraction.

    Raises
    ------
    FormatError
        An entry is missing or no time, the unit is unknown or cannot be told.
    """
    import pyarrow
    from pyarrow import compute

    column = compute.replace_substring(pyarrow.array(texts, type=pyarrow.string()), decimal, ".")
    if column.null_count:
        raise FormatError(where, f"{column.null_count} rows have no time", hint="remove these rows")
    try:
        if unit == "iso" or (unit not in _NS and len(column) and not is_number(column[0].as_py())):
            return _dates(column)
        if unit is not None and unit not in _NS:
            raise FormatError(where, f"its time is in {unit!r}, which is no unit of time we know", hint=_HINT)
        numbers = column.cast(pyarrow.float64()).to_numpy()
        if not np.isfinite(numbers).all():
            raise FormatError(where, "a time is not a finite number", hint="remove these rows")
        unit = unit or _guess(numbers, where)
        return _exact(column, numbers, _NS[unit])
    except (pyarrow.ArrowException, InvalidOperation, OverflowError, ValueError) as error:
        hint = _HINT if unit in _NS or is_number(column[0].as_py()) else _DATE_HINT
        raise FormatError(
            where, f"its times cannot be read ({' '.join(str(error).split())[:120]})", hint=hint
        ) from error


def is_local_date(text: str, decimal: str = ".") -> bool:
    """Say whether a text is a date that names no zone, such as 2026-10-25 02:30:00."""
    return not is_number(text, decimal) and not _ZONED.search(text.rstrip())


def _dates(column: Any) -> NDArray[np.int64]:
    import pyarrow

    zoned = _ZONED.search(column[0].as_py().rstrip())
    stamps = column.cast(pyarrow.timestamp("ns", tz="UTC") if zoned else pyarrow.timestamp("ns"))
    return np.asarray(stamps.cast(pyarrow.int64()).to_numpy(), dtype=np.int64)


def _guess(numbers: NDArray[np.float64], where: str) -> TimeUnit:
    largest = float(np.abs(numbers).max(initial=0.0))
    for least, unit in _EPOCH:
        if largest >= least:
            return unit
    steps = np.abs(np.diff(numbers))
    typical = float(np.median(steps[steps > 0])) if steps.any() else 0.0
    if typical >= _CLEARLY_SECONDS:
        raise FormatError(where, f"its time advances by {typical:g}, which could be seconds or less", hint=_HINT)
    return "s"


def _exact(column: Any, numbers: NDArray[np.float64], ns: int) -> NDArray[np.int64]:
    """Whole numbers stay integers; decimals go through a float only where it keeps every nanosecond."""
    import pyarrow

    largest = float(np.abs(numbers).max(initial=0.0)) * ns
    if largest >= 2**63:
        raise OverflowError(f"{largest / ns:g} is beyond the year 2262")
    try:
        whole = column.cast(pyarrow.int64()).to_numpy()
    except pyarrow.ArrowInvalid:
        if largest < 2**50:
            return np.rint(numbers * ns).astype(np.int64)
        return np.array([round(Decimal(entry) * ns) for entry in column.to_pylist()], dtype=np.int64)
    return np.asarray(whole * ns, dtype=np.int64)

"""What must hold of the arrays of a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import DtypeError, InputError, LabelError, NotFiniteError, ShapeError, TooFewSamplesError

__all__ = ["check_labels", "check_stretches", "check_windows", "integer_rows", "text_rows"]


def check_windows(X: NDArray[np.float32], channels: tuple[str, ...], sensors: tuple[str, ...]) -> None:
    """Check type, shape and content of (n, channels, sensors, samples) or (n, frames, features).

    Raises
    ------
    DtypeError, ShapeError, TooFewSamplesError, NotFiniteError
    """
    if not isinstance(X, np.ndarray) or X.dtype != np.float32:
        raise DtypeError("X", got=getattr(X, "dtype", type(X).__name__), want="float32")
    fits = {3: X.shape[2:] == (len(channels),) and not sensors, 4: X.shape[1:3] == (len(channels), len(sensors))}
    if not fits.get(X.ndim, False) or 0 in X.shape[1:]:
        want = f"(n, {len(channels)}, {len(sensors)}, samples)" if sensors else f"(n, frames, {len(channels)})"
        raise ShapeError("X", got=X.shape, want=f"{want}, as `channels` and `sensors` name them")
    if len(X) == 0:
        raise TooFewSamplesError("X holds no windows; want at least one")
    if not np.isfinite(X.sum(dtype=np.float64)):
        raise NotFiniteError.of("X", ~np.isfinite(X))


def integer_rows(name: str, values: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Return `values` as (n,) int64.

    Raises
    ------
    DtypeError, ShapeError
    """
    return _rows(name, values, n, kinds="iu", want="int64").astype(np.int64, copy=False)


def text_rows(name: str, values: NDArray[Any], n: int) -> NDArray[np.str_]:
    """Return `values` as (n,) texts.

    Raises
    ------
    DtypeError, ShapeError
    """
    return _rows(name, values, n, kinds="U", want="str")


def _rows(name: str, values: NDArray[Any], n: int, *, kinds: str, want: str) -> NDArray[Any]:
    rows = np.asarray(values)
    if rows.dtype.kind not in kinds:
        raise DtypeError(name, got=rows.dtype, want=want)
    if rows.shape != (n,):
        raise ShapeError(name, got=rows.shape, want=f"({n},), one for each window")
    return rows


def check_labels(y: NDArray[np.int64], class_names: tuple[str, ...]) -> None:
    """Check that labels are indices into distinct names.

    Raises
    ------
    LabelError
    """
    if len(set(class_names)) != len(class_names):
        raise LabelError(f"class_names repeat a name: {', '.join(class_names)}; want each once")
    low, high = int(y.min()), int(y.max())
    if low < 0 or high >= len(class_names):
        raise LabelError(
            f"y goes from {low} to {high}, but there are {len(class_names)} class_names ({', '.join(class_names)}); "
            "want each label to be an index into them"
        )


def check_stretches(stretch: NDArray[np.int64], names: tuple[str, ...]) -> None:
    """Check that each stretch has a name, where any has.

    Raises
    ------
    InputError
    """
    low, high = int(stretch.min()), int(stretch.max())
    if names and (low < 0 or high >= len(names)):
        raise InputError(
            f"stretch goes from {low} to {high}, but there are {len(names)} stretch_names; "
            "want each stretch to be an index into them, or no names"
        )
